// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "baseline/data/volume.h"
#include "baseline/model/network.h"

namespace reconproof::baseline {

struct Validation {
  double loss_sum = 0;  // over the volumes: 1 - mean SSIM of the volume's slices
  int64_t volumes = 0;
  /// What the best epoch is judged by.
  double mean_loss() const { return loss_sum / static_cast<double>(volumes); }
};

/// The official rule: SSIM with the largest label of the volume as data range. Draws what a
/// loader's iterator draws. Each volume is written to `images` as the official trainer does:
/// `reconstruction`, `target`, and `input` of networks in the image domain. kCorrupt, with file and
/// slice, when an output is not finite.
Validation validate(Network& model, PairedDataset& data, torch::Device device,
                    const std::filesystem::path& images);

}  // namespace reconproof::baseline
