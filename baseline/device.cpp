// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/device.h"

#include <sched.h>
#include <torch/cuda.h>
#include <torch/utils.h>
#include <torch/version.h>

#include <cstdlib>
#include <thread>

namespace reconproof::baseline {

int available_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (::sched_getaffinity(0, sizeof cores, &cores) == 0) return CPU_COUNT(&cores);
  return static_cast<int>(
      std::max(1U, std::thread::hardware_concurrency()));  // more than 1024 cores
}

void set_threads(int threads) { torch::set_num_threads(threads > 0 ? threads : available_cores()); }

torch::Device compute_device() { return torch::cuda::is_available() ? torch::kCUDA : torch::kCPU; }

void use_deterministic_algorithms() {
  // cuBLAS reads this when it makes its first handle; without it, it chooses between streams at run
  // time.
  ::setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 0);
  at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/false);
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 2)
  // That would fill every new tensor with NaN first, for programs which read what they never wrote.
  at::globalContext().setDeterministicFillUninitializedMemory(false);
#endif
  at::globalContext().setDeterministicCuDNN(true);
  at::globalContext().setBenchmarkCuDNN(false);
}

}  // namespace reconproof::baseline
