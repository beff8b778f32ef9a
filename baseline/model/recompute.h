// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/types.h>

#include <functional>

namespace reconproof::baseline {

/// Gradient checkpointing (Chen et al. 2016): function(a, b) that keeps `a` and `b` alone; backward
/// computes everything in between again. `function` draws no random numbers and gives the same
/// result every time; parameters that it uses get their gradients as usual. `b` may be left out.
torch::Tensor recomputed(
    std::function<torch::Tensor(const torch::Tensor& a, const torch::Tensor& b)> function,
    const torch::Tensor& a, const torch::Tensor& b = {});

}  // namespace reconproof::baseline
