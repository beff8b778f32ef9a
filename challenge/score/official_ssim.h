// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Structural similarity with the official script's own rounding: its means over 7 x 7 windows are a
// convolution in float32, and LibTorch's on a CPU with AVX2 or AVX-512 adds 49 products, row after
// row, by fused multiply-adds. Those sums are repeated here bit for bit
// (tests/bench/official_score.sh compares): exact arithmetic (ssim.h) is up to 1.7e-6 away from the
// script, because the rounding is not even where squares are subtracted. What follows from the sums
// is float32 too; only the mean over the map is taken in double. The bits are the same on every
// processor and with any number of threads.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "challenge/score/ssim.h"

namespace reconproof::challenge {

/// Mean over the whole map of image * mask and label * mask: the leaderboard of 2021 to 2025; of a
/// box without a mask (2026). Images of one size, at least 7 x 7, all_scorable. `data_range`: the
/// attribute `max`.
double official_ssim(const ImageView& image, const ImageView& label, double data_range,
                     const MaskView& mask = {}, SsimCode code = SsimCode::kFastest);

/// Mean over the windows whose centre lies in the mask (2026: ssim_full of
/// utils/common/metrics.py). Nothing where no centre does: that slice does not count.
std::optional<double> official_ssim_inside(const ImageView& image, const ImageView& label,
                                           double data_range, const MaskView& mask,
                                           SsimCode code = SsimCode::kFastest);

/// What official_ssim takes the mean of, each value at the centre of its window: [height, width],
/// NaN in the outermost three pixels, which are no window's centre.
std::vector<float> official_ssim_map(const ImageView& image, const ImageView& label,
                                     double data_range, const MaskView& mask = {},
                                     SsimCode code = SsimCode::kFastest);

}  // namespace reconproof::challenge
