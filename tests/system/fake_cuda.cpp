// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Stands for libcuda.so.1 where RECONPROOF_CUDA_LIBRARY names it, with the first GPU of
// fake_gpu.h. FAKE_CUDA_INIT: error code of cuInit; FAKE_CUDA_NAME: what it calls the GPU;
// FAKE_CUDA_PIECE_MIB: no larger piece of memory is free. A context takes 300 MiB.
#include <unistd.h>

#include <cstdio>
#include <string>

#include "tests/system/fake_gpu.h"

namespace {

namespace fs = std::filesystem;
using fake_gpu::kMib;
using fake_gpu::setting;

constexpr int kSuccess = 0, kInvalidValue = 1, kOutOfMemory = 2, kInvalidDevice = 101;
constexpr unsigned long long kContextMib = 300;

std::string own_file() {
  const char* folder = std::getenv("FAKE_GPU_STATE");
  return std::string(folder ? folder : "/tmp") + "/" + std::to_string(::getpid());
}

unsigned long long free_bytes() { return fake_gpu::total_bytes() - fake_gpu::used_bytes(0); }

int take(unsigned long long bytes) {
  if (bytes > free_bytes()) return kOutOfMemory;
  const unsigned long long before = fake_gpu::taken_bytes(std::to_string(::getpid()));
  const std::string file = own_file(), written = file + ".new";
  std::ofstream(written) << before + bytes;
  fs::rename(written, file);  // whoever reads meanwhile sees the one or the other
  return kSuccess;
}

}  // namespace

extern "C" {

int cuInit(unsigned) { return setting("FAKE_CUDA_INIT"); }

int cuGetErrorString(int code, const char** text) {
  *text = code == kOutOfMemory     ? "out of memory"
          : code == kInvalidDevice ? "invalid device ordinal"
          : code == 999            ? "unknown error"
                                   : nullptr;
  return *text ? kSuccess : kInvalidValue;
}

int cuDeviceGet(int* device, int ordinal) {
  *device = ordinal;
  return ordinal == 0 ? kSuccess : kInvalidDevice;
}

int cuDeviceGetName(char* text, int size, int device) {
  const char* name = std::getenv("FAKE_CUDA_NAME");
  if (name) {
    std::snprintf(text, static_cast<size_t>(size), "%s", name);
  } else {
    std::snprintf(text, static_cast<size_t>(size), "Fake GPU %d", device);
  }
  return kSuccess;
}

int cuCtxCreate_v2(void** context, unsigned, int) {
  static int any = 0;
  *context = &any;
  return take(kContextMib * kMib);
}

int cuCtxDestroy_v2(void*) {
  std::remove(own_file().c_str());
  return kSuccess;
}

int cuMemGetInfo_v2(size_t* free, size_t* total) {
  *free = free_bytes();
  *total = fake_gpu::total_bytes();
  return kSuccess;
}

int cuMemAlloc_v2(unsigned long long* pointer, size_t bytes) {
  *pointer = 1;
  const int piece = setting("FAKE_CUDA_PIECE_MIB");
  if (piece > 0 && bytes > static_cast<size_t>(piece) * kMib) return kOutOfMemory;
  return take(bytes);
}

}  // extern "C"
