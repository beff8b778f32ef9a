// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Types and numbers are those of the CUDA driver API's public interface ("CUDA Driver API",
// initialisation, device, context and memory management). Every driver since 2011 has these names.
#include "system/cuda_driver.h"

#include <dlfcn.h>

#include <array>
#include <cstdlib>

#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::system {
namespace {

constexpr int kSuccess = 0, kOutOfMemory = 2;

using Context = void*;
using DevicePointer = unsigned long long;

struct CloseLibrary {
  void operator()(void* library) const { ::dlclose(library); }
};

}  // namespace

struct CudaMemory::Driver {
  std::string path;
  std::unique_ptr<void, CloseLibrary> library;
  Context context = nullptr;
  int (*init)(unsigned) = nullptr;
  int (*error_text)(int, const char**) = nullptr;
  int (*get_device)(int*, int) = nullptr;
  int (*get_name)(char*, int, int) = nullptr;
  int (*create_context)(Context*, unsigned, int) = nullptr;
  int (*destroy_context)(Context) = nullptr;
  int (*memory_info)(size_t*, size_t*) = nullptr;
  int (*allocate)(DevicePointer*, size_t) = nullptr;

  ~Driver() {
    if (context) destroy_context(context);  // and with it all that was allocated
  }

  void load() {
    const char* named = std::getenv("RECONPROOF_CUDA_LIBRARY");
    path = named && *named ? named : "libcuda.so.1";
    library.reset(::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL));
    if (!library) {
      const char* why = ::dlerror();
      fail(Code::kUnsupported, "no CUDA driver: {}", why ? printable(why) : path);
    }
    find(init, "cuInit");
    find(error_text, "cuGetErrorString");
    find(get_device, "cuDeviceGet");
    find(get_name, "cuDeviceGetName");
    find(create_context, "cuCtxCreate_v2");
    find(destroy_context, "cuCtxDestroy_v2");
    find(memory_info, "cuMemGetInfo_v2");
    find(allocate, "cuMemAlloc_v2");
  }

  template <typename Function>
  void find(Function& function, const char* name) const {
    function = reinterpret_cast<Function>(::dlsym(library.get(), name));
    if (!function) {
      fail(Code::kUnsupported, "{}: lacks {}; is it the driver's own library?", path, name);
    }
  }

  void expect(int code, const char* what) const {
    if (code == kSuccess) return;
    const char* text = nullptr;
    const bool known = error_text(code, &text) == kSuccess && text;
    fail(Code::kUnsupported, "the CUDA driver refuses {}: {} (CUDA error {})", what,
         known ? printable(text) : "no reason given", code);
  }

  size_t memory(bool whole) const {
    size_t free = 0, total = 0;
    expect(memory_info(&free, &total), "the memory of a GPU");
    return whole ? total : free;
  }
};

CudaMemory::CudaMemory(int device) : driver_(std::make_unique<Driver>()) {
  driver_->load();
  driver_->expect(driver_->init(0), "to start");
  int handle = 0;
  driver_->expect(driver_->get_device(&handle, device), "the GPU");
  std::array<char, 256> name{};
  driver_->expect(driver_->get_name(name.data(), static_cast<int>(name.size()) - 1, handle),
                  "its name");
  device_name_ = printable(name.data());
  driver_->expect(driver_->create_context(&driver_->context, 0, handle), "a context on the GPU");
}

CudaMemory::~CudaMemory() = default;

int64_t CudaMemory::free_bytes() const { return static_cast<int64_t>(driver_->memory(false)); }

int64_t CudaMemory::total_bytes() const { return static_cast<int64_t>(driver_->memory(true)); }

bool CudaMemory::allocate(int64_t bytes) {
  DevicePointer pointer = 0;
  const int code = driver_->allocate(&pointer, static_cast<size_t>(bytes));
  if (code == kOutOfMemory) return false;
  driver_->expect(code, "memory");
  return true;
}

}  // namespace reconproof::system
