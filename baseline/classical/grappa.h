// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// GRAPPA (Griswold et al. 2002): a missing k-space sample is a weighted sum of its sampled
// neighbours in all coils; the weights are fitted where the ACS holds both.
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace reconproof::baseline {

struct GrappaOptions {
  int64_t kernel_rows = 5;     // odd
  int64_t kernel_columns = 4;  // sampled columns that a missing one is made of, nearest first
  double lambda = 1e-2;        // Tikhonov weight, as a part of the mean eigenvalue of A^H A
};

/// Fills the columns that `mask` [W] f32 lacks; samples stay as they are. kspace [1, C, H, W] c64,
/// zero outside the mask -> [1, C, H, W] c64.
///
/// Every missing column gets the kernel of its own surroundings: where its nearest sampled columns
/// lie, near the ACS and at the rim too. Where few places of the mask could teach a wide kernel, a
/// narrower one is taken. kUnsupported when no place can teach one at all (no ACS, or a small one):
/// the message names found and needed columns.
torch::Tensor grappa(const torch::Tensor& kspace, const torch::Tensor& mask,
                     const GrappaOptions& options);

}  // namespace reconproof::baseline
