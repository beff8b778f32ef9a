// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/types.h>

namespace reconproof::baseline {

/// 1 - mean SSIM (7 x 7 uniform window, k1 = 0.01, k2 = 0.03, sample covariance; fastMRI
/// losses.py). output, target [B, H, W] f32; data_range [B] f32 or f64: the volume's `max`, in the
/// type in which its file stores it, since a float64 raises the official loss to float64 as well.
/// Scalar.
torch::Tensor ssim_loss(const torch::Tensor& output, const torch::Tensor& target,
                        const torch::Tensor& data_range);

}  // namespace reconproof::baseline
