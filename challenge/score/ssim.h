// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Structural similarity as the challenge computes it: 7 x 7 uniform window, k1 = 0.01, k2 = 0.03,
// sample covariance (49/48), only windows that lie inside the image. Window sums are kept in
// double, so the result does not depend on the order of summation to more than 1e-12.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace reconproof::challenge {

inline constexpr int64_t kSsimWindow = 7;

/// Mean SSIM over the (height-6) x (width-6) map of two images [height, width]. Not finite when an
/// input is not.
double mean_ssim(std::span<const float> image, std::span<const float> label, int64_t height,
                 int64_t width, double data_range);

}  // namespace reconproof::challenge
