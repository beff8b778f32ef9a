// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/types.h>

namespace reconproof::baseline {

/// Coil sensitivities from the ACS: coil images of the middle of k-space, tapered by a Hann window
/// so that edges do not ring, over their root sum of squares (Pruessmann et al. 1999, section
/// "Sensitivity Assessment", with the root sum of squares in the body coil's place). What is common
/// to all coils, the anatomy, cancels.
///
/// kspace [1, C, H, W] c64, mask [W] f32 -> [1, C, H, W] c64: unit root sum of squares, zero where
/// the low-resolution image is below 2 % of its maximum (air: noise over noise is no sensitivity).
/// kUnsupported when the ACS has fewer than 4 columns.
torch::Tensor sensitivities(const torch::Tensor& kspace, const torch::Tensor& mask);

}  // namespace reconproof::baseline
