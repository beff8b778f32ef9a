// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// SENSE for any set of columns (Pruessmann et al. 2001): the image whose coil images, transformed
// and sampled, come nearest to what was measured.
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace reconproof::baseline {

/// What the scanner does to an image x: y = E x, each coil sees it through its sensitivity, and the
/// sampled columns of the spectrum are kept. image [1, H, W] c64, maps [1, C, H, W] c64, mask [W]
/// f32 -> [1, C, H, W] c64.
torch::Tensor encode(const torch::Tensor& image, const torch::Tensor& maps,
                     const torch::Tensor& mask);

/// E^H, its adjoint: <E x, y> = <x, E^H y>. kspace [1, C, H, W] c64 -> [1, H, W] c64.
torch::Tensor encode_adjoint(const torch::Tensor& kspace, const torch::Tensor& maps,
                             const torch::Tensor& mask);

struct CgSenseOptions {
  int64_t iterations = 15;  // at most
  /// Weight of |x|^2. With maps of unit root sum of squares and an orthonormal transform the
  /// eigenvalues of E^H E lie between 0 and 1, so it means the same for every data set.
  double lambda = 0.02;
  double tolerance = 1e-4;  // a row is solved when its residual is below this part of E^H y
};

/// Solves (E^H E + lambda I) x = E^H y by conjugate gradients from x = 0. kspace [1, C, H, W] c64,
/// zero where `mask` [W] f32 is; maps [1, C, H, W] c64 -> x [1, H, W] c64.
///
/// Whole columns are sampled, so the transform along a column drops out of E^H E and each image row
/// is a system of its own, with its own step lengths.
torch::Tensor cg_sense(const torch::Tensor& kspace, const torch::Tensor& mask,
                       const torch::Tensor& maps, const CgSenseOptions& options);

}  // namespace reconproof::baseline
