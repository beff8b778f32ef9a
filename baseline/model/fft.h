// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

namespace reconproof::baseline {

/// Orthonormal 2-D Fourier transform over the last two axes, the zero frequency in the middle
/// (index n/2).
/// [..., H, W] complex -> same.
torch::Tensor fft2_centred(const torch::Tensor& image);

/// Its inverse: k-space to image. [..., H, W] complex -> same.
torch::Tensor ifft2_centred(const torch::Tensor& kspace);

/// Root of the sum of squares over the coils. [B, C, H, W] c64 -> [B, H, W] f32.
torch::Tensor root_sum_of_squares(const torch::Tensor& coils);

}  // namespace reconproof::baseline
