// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/types.h>

namespace reconproof::baseline {

/// Cores that this process may use (its affinity mask, not the machine's count).
int available_cores();

/// Sets LibTorch's threads; 0 means all available cores. The number of threads is part of a
/// result's identity: sums are split by it.
void set_threads(int threads);

/// The first CUDA device where there is one, else the CPU, as the official code chooses.
torch::Device compute_device();

/// Only deterministic kernels; an operation that has none throws.
void use_deterministic_algorithms();

}  // namespace reconproof::baseline
