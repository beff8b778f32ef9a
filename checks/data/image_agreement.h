// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Whether an image is the one that k-space gives, up to one factor.
#pragma once

#include <cstdint>
#include <span>

namespace reconproof::checks {

/// Float rounding, of whoever made the label, is a hundred times less. Of the norm, and of the
/// largest value.
inline constexpr double kMostResidual = 2e-3, kMostDeviation = 5e-3;

struct ImageAgreement {
  double scale = 0;        // of the image, by least squares
  double residual = 0;     // norm of image - scale * reference, over that of the image
  double deviation = 0;    // largest difference, over the image's largest value
  int64_t at = 0;          // where that is
  double correlation = 0;  // without means: 1 for the same image at any scale

  bool agrees() const { return residual <= kMostResidual && deviation <= kMostDeviation; }
};

/// Of images of the same size, not negative; all zero where one of them is.
ImageAgreement compare_images(std::span<const float> image, std::span<const float> reference);

}  // namespace reconproof::checks
