// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Types and numbers below are those of NVML's public interface (NVML API reference, "Device
// Queries"), declared here so that nothing of NVIDIA's is needed to build.
#include "system/nvml.h"

#include <dlfcn.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "system/terminal.h"

namespace reconproof::system {
namespace {

constexpr int kSuccess = 0, kNotSupported = 3, kNoPermission = 4, kInsufficientSize = 7,
              kFunctionNotFound = 13;
constexpr unsigned long long kNotAvailable = std::numeric_limits<unsigned long long>::max();
constexpr size_t kLongestEntry = 64;  // room for each process; the longest known is 32
constexpr unsigned kFirstCapacity = 64, kLastCapacity = 4096;
constexpr unsigned kLongestText = 96;  // NVML_DEVICE_NAME_V2_BUFFER_SIZE

using DeviceHandle = void*;

struct MemoryV1 {
  unsigned long long total, free, used;
};
struct MemoryV2 {
  unsigned version;
  unsigned long long total, reserved, free, used;
};
constexpr unsigned kMemoryV2 = sizeof(MemoryV2) | (2u << 24);

using VoidCall = int (*)();
using ErrorText = const char* (*)(int);
using TextCall = int (*)(char*, unsigned);
using CountCall = int (*)(unsigned*);
using HandleCall = int (*)(unsigned, DeviceHandle*);
using NameCall = int (*)(DeviceHandle, char*, unsigned);
using MemoryV1Call = int (*)(DeviceHandle, MemoryV1*);
using MemoryV2Call = int (*)(DeviceHandle, MemoryV2*);
using ProcessCall = int (*)(DeviceHandle, unsigned*, void*);

/// A function that lists processes, under the newest name that this driver has.
struct ProcessList {
  ProcessCall call = nullptr;
  std::vector<size_t> strides;
};

struct CloseLibrary {
  void operator()(void* library) const { ::dlclose(library); }
};

bool is_process(pid_t pid) {
  return pid > 0 && ::access(fmt::format("/proc/{}", pid).c_str(), F_OK) == 0;
}

/// All bytes from `begin` on are as we left them.
bool is_untouched(std::span<const unsigned char> bytes, size_t begin, size_t end) {
  return std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                     bytes.begin() + static_cast<std::ptrdiff_t>(end),
                     [](unsigned char byte) { return byte == kNvmlPoison; });
}

template <typename T>
T value_at(std::span<const unsigned char> bytes, size_t offset) {
  T value{};
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

class NoGpu final : public GpuMonitor {
 public:
  explicit NoGpu(std::string reason) : reason_(std::move(reason)) {}
  std::string absent_reason() const override { return reason_; }
  std::string driver() const override { return ""; }
  const std::vector<GpuDevice>& devices() const override { return none_; }
  GpuReading read(size_t) override { return {reason_, 0, {}}; }

 private:
  std::string reason_;
  std::vector<GpuDevice> none_;
};

class Nvml final : public GpuMonitor {
 public:
  ~Nvml() override {
    const auto shutdown = find<VoidCall>({"nvmlShutdown"});
    if (started_ && shutdown) shutdown();
  }

  /// Why it cannot be used; empty when it can.
  std::string open() {
    const char* named = std::getenv("RECONPROOF_NVML_LIBRARY");
    const std::string path = named && *named ? named : "libnvidia-ml.so.1";
    library_.reset(::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL));
    if (!library_) {
      const char* why = ::dlerror();
      return fmt::format("no NVIDIA driver: {}", why ? printable(why) : path);
    }
    const auto init = find<VoidCall>({"nvmlInit_v2", "nvmlInit"});
    find_functions();
    if (!init || !count_ || !handle_ || (!memory_v1_ && !memory_v2_) || !computing_.call) {
      return fmt::format("{}: lacks functions of NVML; is it the driver's own library?", path);
    }
    if (const int code = init(); code != kSuccess) return failure("nvmlInit", code);
    started_ = true;
    return list_devices();
  }

  std::string absent_reason() const override { return ""; }
  std::string driver() const override { return driver_; }
  const std::vector<GpuDevice>& devices() const override { return devices_; }

  GpuReading read(size_t device) override {
    GpuReading reading;
    // Processes first: memory that is seen then belongs to one that was seen, or to a newer one
    // that the next reading shows.
    reading.error = add_processes(computing_, handles_.at(device), reading.processes);
    if (reading.error.empty() && drawing_.call)
      reading.error = add_processes(drawing_, handles_.at(device), reading.processes);
    int64_t total = 0;
    if (reading.error.empty())
      reading.error = read_memory(handles_.at(device), total, reading.used_bytes);
    return reading;
  }

 private:
  template <typename Function>
  Function find(std::initializer_list<const char*> names) const {
    for (const char* name : names) {
      if (!library_) return nullptr;
      if (void* symbol = ::dlsym(library_.get(), name)) return reinterpret_cast<Function>(symbol);
    }
    return nullptr;
  }

  ProcessList find_list(const std::string& name) const {
    for (const auto& [version, strides] :
         {std::pair<const char*, std::vector<size_t>>{"_v3", {24, 32}},
          {"_v2", {24, 32}},
          {"", {16}}}) {
      if (const auto call = find<ProcessCall>({(name + version).c_str()})) return {call, strides};
    }
    return {};
  }

  void find_functions() {
    error_text_ = find<ErrorText>({"nvmlErrorString"});
    count_ = find<CountCall>({"nvmlDeviceGetCount_v2", "nvmlDeviceGetCount"});
    handle_ = find<HandleCall>({"nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex"});
    name_ = find<NameCall>({"nvmlDeviceGetName"});
    memory_v1_ = find<MemoryV1Call>({"nvmlDeviceGetMemoryInfo"});
    memory_v2_ = find<MemoryV2Call>({"nvmlDeviceGetMemoryInfo_v2"});
    computing_ = find_list("nvmlDeviceGetComputeRunningProcesses");
    drawing_ = find_list("nvmlDeviceGetGraphicsRunningProcesses");
  }

  std::string failure(const char* what, int code) const {
    const char* text = error_text_ ? error_text_(code) : nullptr;
    return fmt::format("the NVIDIA driver refuses {}: {} (NVML error {}){}", what,
                       text ? printable(text) : "no reason given", code,
                       code == kNoPermission ? "; run as a user who may query the GPU" : "");
  }

  std::string list_devices() {
    std::array<char, kLongestText> text{};
    const auto version = find<TextCall>({"nvmlSystemGetDriverVersion"});
    if (version && version(text.data(), kLongestText - 1) == kSuccess)
      driver_ = printable(text.data());
    unsigned count = 0;
    if (const int code = count_(&count); code != kSuccess) return failure("the GPU list", code);
    for (unsigned i = 0; i < count; ++i) {
      DeviceHandle handle = nullptr;
      if (const int code = handle_(i, &handle); code != kSuccess)
        return failure(fmt::format("GPU {}", i).c_str(), code);
      GpuDevice device;
      text = {};
      if (name_ && name_(handle, text.data(), kLongestText - 1) == kSuccess)
        device.name = printable(text.data());
      int64_t used = 0;
      if (std::string why = read_memory(handle, device.total_bytes, used); !why.empty()) return why;
      handles_.push_back(handle);
      devices_.push_back(std::move(device));
    }
    return devices_.empty() ? "the NVIDIA driver knows no GPU here" : "";
  }

  /// v2 leaves out what the driver reserves for itself; v1 counts it as used.
  std::string read_memory(DeviceHandle device, int64_t& total, int64_t& used) const {
    if (memory_v2_) {
      MemoryV2 memory{kMemoryV2, 0, 0, 0, 0};
      if (memory_v2_(device, &memory) == kSuccess) {
        total = static_cast<int64_t>(memory.total);
        used = static_cast<int64_t>(memory.used);
        return "";
      }
    }
    MemoryV1 memory{};
    const int code = memory_v1_ ? memory_v1_(device, &memory) : kFunctionNotFound;
    if (code != kSuccess) return failure("the memory of a GPU", code);
    total = static_cast<int64_t>(memory.total);
    used = static_cast<int64_t>(memory.used);
    return "";
  }

  std::string add_processes(const ProcessList& list, DeviceHandle device,
                            std::vector<GpuProcess>& processes) const {
    for (unsigned capacity = kFirstCapacity; capacity <= kLastCapacity; capacity *= 4) {
      std::vector<unsigned char> bytes(capacity * kLongestEntry, kNvmlPoison);
      unsigned count = capacity;
      const int code = list.call(device, &count, bytes.data());
      if (code == kInsufficientSize) continue;
      if (code == kNotSupported && &list == &drawing_) return "";  // a card that cannot draw
      if (code != kSuccess) return failure("its list of processes", code);
      if (count > capacity) break;
      parse(bytes, count, list.strides, processes);
      return "";
    }
    return "the NVIDIA driver's list of processes does not end";
  }

  static void parse(std::span<const unsigned char> bytes, size_t count,
                    std::span<const size_t> strides, std::vector<GpuProcess>& processes) {
    const size_t stride = nvml_stride(bytes, count, strides, is_process);
    for (size_t i = 0; i < count; ++i) {
      const auto pid = static_cast<pid_t>(value_at<unsigned>(bytes, i * stride));
      const auto used = value_at<unsigned long long>(bytes, i * stride + 8);
      std::optional<int64_t> memory;
      if (used != kNotAvailable) memory = static_cast<int64_t>(used);
      const auto known = std::find_if(processes.begin(), processes.end(),
                                      [&](const GpuProcess& other) { return other.pid == pid; });
      if (known == processes.end()) {
        processes.push_back({pid, memory});
      } else {  // it computes and draws: both lists name all of its memory
        known->bytes = std::max(known->bytes, memory);
      }
    }
  }

  std::unique_ptr<void, CloseLibrary> library_;
  bool started_ = false;
  std::string driver_;
  std::vector<DeviceHandle> handles_;
  std::vector<GpuDevice> devices_;
  ErrorText error_text_ = nullptr;
  CountCall count_ = nullptr;
  HandleCall handle_ = nullptr;
  NameCall name_ = nullptr;
  MemoryV1Call memory_v1_ = nullptr;
  MemoryV2Call memory_v2_ = nullptr;
  ProcessList computing_, drawing_;
};

}  // namespace

size_t nvml_stride(std::span<const unsigned char> bytes, size_t count,
                   std::span<const size_t> strides, const std::function<bool(pid_t)>& is_process) {
  const auto ends_there = [&](size_t stride) {
    const size_t end = count * stride;
    return end + 8 <= bytes.size() && is_untouched(bytes, end, bytes.size()) &&
           !is_untouched(bytes, end - 8, end);
  };
  const auto holds_processes = [&](size_t stride) {
    if (count * stride > bytes.size()) return false;
    for (size_t i = 0; i < count; ++i) {
      if (!is_process(static_cast<pid_t>(value_at<unsigned>(bytes, i * stride)))) return false;
    }
    return true;
  };
  if (count < 2)
    return strides.front();  // pid and memory of the first are at the same place in all
  for (const size_t stride : strides) {
    if (ends_there(stride) && holds_processes(stride)) return stride;
  }
  // A driver that clears what it does not need, or a process that has just gone.
  for (const size_t stride : strides) {
    if (holds_processes(stride)) return stride;
  }
  for (const size_t stride : strides) {
    if (ends_there(stride)) return stride;
  }
  return strides.front();
}

std::unique_ptr<GpuMonitor> open_gpu_monitor() {
  auto nvml = std::make_unique<Nvml>();
  std::string reason = nvml->open();
  if (!reason.empty()) return std::make_unique<NoGpu>(std::move(reason));
  return nvml;
}

}  // namespace reconproof::system
