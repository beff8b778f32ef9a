// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Structural similarity, exactly: 7 x 7 uniform window, k1 = 0.01, k2 = 0.03, sample covariance
// (49/48), only windows that lie inside the image. For NYU's evaluate.py and validation; the
// leaderboards', with their script's rounding, is in official_ssim.h. All sums are kept in double
// and added in an order that only the sizes fix, so a score has the same bits on every processor
// and with any number of threads.
#pragma once

#include <cstdint>
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

/// Mean SSIM over the (height-6) x (width-6) map of two images of one size, at least 7 x 7. Not
/// finite where a value is not.
double mean_ssim(const ImageView& image, const ImageView& label, double data_range,
                 SsimCode code = SsimCode::kFastest);

/// The same of two contiguous images [height, width].
double mean_ssim(std::span<const float> image, std::span<const float> label, int64_t height,
                 int64_t width, double data_range);

}  // namespace reconproof::challenge
