// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The few calls of the CUDA driver that are needed to take GPU memory and to see how much is left.
// Its library is loaded at run time, so that nothing of NVIDIA's is needed to build.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace reconproof::system {

/// A context on one GPU, and memory that is held there until the end of this object.
class CudaMemory {
 public:
  /// Loads libcuda.so.1, or what RECONPROOF_CUDA_LIBRARY names. `device` counts as the driver does:
  /// by bus address where CUDA_DEVICE_ORDER=PCI_BUS_ID. Throws kUnsupported with the driver's
  /// words.
  explicit CudaMemory(int device);
  ~CudaMemory();
  CudaMemory(const CudaMemory&) = delete;
  CudaMemory& operator=(const CudaMemory&) = delete;

  const std::string& device_name() const { return device_name_; }
  /// What any program could still take of the GPU, as the driver sees it now.
  int64_t free_bytes() const;
  int64_t total_bytes() const;
  /// Holds so much more. False where the driver has not that much in one piece; throws
  /// kUnsupported when it fails otherwise.
  bool allocate(int64_t bytes);

 private:
  struct Driver;
  std::unique_ptr<Driver> driver_;
  std::string device_name_;
};

}  // namespace reconproof::system
