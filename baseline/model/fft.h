// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/types.h>

namespace reconproof::baseline {

/// Orthonormal 2-D Fourier transform over the last two axes, the zero frequency in the middle
/// (index n/2).
/// [..., H, W] complex -> same.
torch::Tensor fft2_centred(const torch::Tensor& image);

/// Its inverse: k-space to image. [..., H, W] complex -> same.
torch::Tensor ifft2_centred(const torch::Tensor& kspace);

/// Product of complex numbers that lie as pairs, [..., 2] f32 -> [..., 2] with the usual
/// broadcasting. Written out in real operations: LibTorch's complex kernels round otherwise, and
/// training amplifies that (Adam divides each gradient by its own size, so the rounding of a
/// gradient near zero becomes a step of full length).
torch::Tensor multiply_pairs(const torch::Tensor& x, const torch::Tensor& y);

/// [..., 2] f32 -> same.
torch::Tensor conjugate_pairs(const torch::Tensor& x);

/// Magnitude of the image over all coils. [B, C, H, W] c64 -> [B, H, W] f32.
torch::Tensor root_sum_of_squares(const torch::Tensor& coils);

}  // namespace reconproof::baseline
