// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The E2E-VarNet written from its equations, each step in the plainest operation there is, for any
// number format: what the real network's output and gradients are compared with. It shares no code
// with baseline/model.
#pragma once

#include <torch/types.h>

#include <map>
#include <string>

#include "challenge/network.h"

namespace reconproof::baseline {

/// Weights by their official names, all of one type (f32 or f64); kspace [C, H, W] complex of the
/// same precision, zero outside `mask` [W]; ACS columns [begin, end). -> [size, size], smaller
/// images padded with zeros.
torch::Tensor plain_varnet(const std::map<std::string, torch::Tensor>& weights,
                           const challenge::VarnetSizes& sizes, const torch::Tensor& kspace,
                           const torch::Tensor& mask, int64_t acs_begin, int64_t acs_end,
                           int64_t size);

/// 1 - mean SSIM over 7 x 7 windows. [H, W] each.
torch::Tensor plain_ssim_loss(const torch::Tensor& output, const torch::Tensor& target,
                              double range);

}  // namespace reconproof::baseline
