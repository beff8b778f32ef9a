// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Structural similarity as the challenge computes it: 7 x 7 uniform window, k1 = 0.01, k2 = 0.03,
// sample covariance (49/48), only windows that lie inside the image. All sums are kept in double
// and added in an order that only the sizes and the mask fix, so a score has the same bits on every
// x86-64 processor and with any number of threads.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace reconproof::challenge {

inline constexpr int64_t kSsimWindow = 7;

/// A rectangle of a row-major array that someone else owns; `stride` elements from row to row.
template <typename T>
struct View {
  const T* pixels = nullptr;
  int64_t height = 0, width = 0, stride = 0;

  const T* row(int64_t y) const { return pixels + y * stride; }
  /// The rectangle [y, y + rows) x [x, x + columns), which must lie inside.
  View crop(int64_t y, int64_t x, int64_t rows, int64_t columns) const {
    return {row(y) + x, rows, columns, stride};
  }
};
using ImageView = View<float>;
using MaskView = View<uint8_t>;  // 1 inside, 0 outside

/// The processor's best instructions, or those that every one has: for the test that it is equal.
enum class SsimCode { kFastest, kPortable };

/// Whether every value can be scored: no NaN, no infinity, nothing beyond 1.8e19, whose square the
/// official script's float32 cannot hold.
bool all_scorable(const ImageView& image);

/// Mean SSIM over the (height-6) x (width-6) map of two images of one size, at least 7 x 7. With a
/// mask (of the same size), of image * mask and label * mask: the leaderboard of 2021 to 2025.
/// Values must be finite: without a mask a NaN or infinity makes the mean not finite; with one,
/// those whose windows all lie outside are not even looked at (the official script multiplies:
/// NaN).
double mean_ssim(const ImageView& image, const ImageView& label, double data_range,
                 const MaskView& mask = {}, SsimCode code = SsimCode::kFastest);

/// Mean of the map of image * mask and label * mask over the windows whose centre lies in the mask:
/// `ssim_full` of 2026 (utils/common/metrics.py). Nothing where no centre does: that slice does not
/// count. Values must be finite.
std::optional<double> mean_ssim_inside(const ImageView& image, const ImageView& label,
                                       double data_range, const MaskView& mask,
                                       SsimCode code = SsimCode::kFastest);

/// The whole map of two contiguous images [height, width].
double mean_ssim(std::span<const float> image, std::span<const float> label, int64_t height,
                 int64_t width, double data_range);

}  // namespace reconproof::challenge
