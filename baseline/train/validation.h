// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "baseline/data/volume.h"
#include "baseline/model/varnet.h"

namespace reconproof::baseline {

struct Validation {
  double loss_sum = 0;  // over the volumes: 1 - mean SSIM of the volume's slices
  int64_t volumes = 0;
  /// What the best epoch is judged by.
  double mean_loss() const { return loss_sum / static_cast<double>(volumes); }
};

/// The official rule: SSIM with the largest label of the volume as data range. Draws what a
/// loader's iterator draws. kCorrupt, with file and slice, when an output is not finite.
Validation validate(Varnet& model, PairedDataset& data, torch::Device device);

}  // namespace reconproof::baseline
