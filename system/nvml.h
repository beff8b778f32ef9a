// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What the NVIDIA driver tells about its GPUs. Its library is loaded at run time: where there is
// none, or it refuses, that is a reason in words and never an error that stops a check.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace reconproof::system {

struct GpuDevice {
  std::string name;  // "NVIDIA GeForce GTX 1080"
  int64_t total_bytes = 0;
};

/// A process that has a context on a GPU, under the pid of the host.
struct GpuProcess {
  pid_t pid = 0;
  std::optional<int64_t> bytes;  // absent: the driver does not tell (WSL, some containers)
};

struct GpuReading {
  std::string error;  // why the rest is not known; empty when it is
  int64_t used_bytes = 0;
  std::vector<GpuProcess> processes;  // computing or drawing, each once
};

class GpuMonitor {
 public:
  virtual ~GpuMonitor() = default;

  /// Why nothing can be read here; empty when `devices()` can be.
  virtual std::string absent_reason() const = 0;
  virtual std::string driver() const = 0;                     // "550.127.08"
  virtual const std::vector<GpuDevice>& devices() const = 0;  // by bus address
  virtual GpuReading read(size_t device) = 0;
};

/// Loads libnvidia-ml.so.1, or what RECONPROOF_NVML_LIBRARY names. Without a usable driver: a
/// monitor without devices that says why.
std::unique_ptr<GpuMonitor> open_gpu_monitor();

/// Bytes from one process to the next in a list that NVML wrote. Early R535 drivers, and some later
/// ones, write longer entries than the function's version says, so `bytes` was larger than needed
/// and filled with kNvmlPoison: `count` entries end where it begins. Entries begin with the pid;
/// `is_process` decides where the ends leave a doubt. `strides` are those that are known, the
/// likeliest first.
inline constexpr unsigned char kNvmlPoison = 0xA7;
size_t nvml_stride(std::span<const unsigned char> bytes, size_t count,
                   std::span<const size_t> strides, const std::function<bool(pid_t)>& is_process);

}  // namespace reconproof::system
