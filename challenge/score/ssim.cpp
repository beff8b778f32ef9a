// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/ssim.h"

#include <algorithm>
#include <bit>

#include "system/error.h"

// Everything below is inlined into one function an instruction set, and so compiled for each. Loops
// run along a row and never reorder additions: vectors of any length give the same bits. (This file
// is compiled without fused multiply-adds, which would not.)
#define RP_INLINE [[gnu::always_inline]] inline

namespace reconproof::challenge {
namespace {

constexpr double kK1 = 0.01, kK2 = 0.03;
constexpr double kPixels = kSsimWindow * kSsimWindow;
constexpr double kCovarianceNorm = kPixels / (kPixels - 1);  // sample covariance
constexpr int64_t kMargin = kSsimWindow - 1;                 // pixels that a map lacks

/// The map is worked through in strips of columns, so that all sums of a strip stay in the
/// first-level cache.
constexpr int64_t kStrip = 66;
constexpr int64_t kColumns = kStrip + kMargin;
constexpr int64_t kRows = kSsimWindow + 1;

/// What SSIM needs to know of a window: sums of x, y, x^2 + y^2 (the variances are only ever added)
/// and x y.
enum Quantity : int64_t { kX, kY, kSquares, kProduct, kQuantities };
using Sums = double[kQuantities * kColumns];  // quantity after quantity

/// Windows to be added up: the map of `image` and `label`, at most kStrip windows across.
struct Strip {
  ImageView image, label;
  double c1, c2;  // of sums instead of means: 49^2 times those of the definition
};

RP_INLINE void pixel_row(const Strip& strip, int64_t y, Sums& out) {
  const float* __restrict image = strip.image.row(y);
  const float* __restrict label = strip.label.row(y);
  for (int64_t x = 0; x < strip.image.width; ++x) {
    const double a = image[x], b = label[x];
    out[kX * kColumns + x] = a;
    out[kY * kColumns + x] = b;
    out[kSquares * kColumns + x] = a * a + b * b;
    out[kProduct * kColumns + x] = a * b;
  }
}

/// The sums over the seven rows from `top` on, and over the seven from the next on. Each pair is
/// added anew from the rows themselves: a running update down the image would carry rounding along.
RP_INLINE void column_sums(const Sums (&rows)[kRows], int64_t top, Sums& first, Sums& second) {
  const auto row = [&](int64_t y) { return rows[(top + y) % kRows]; };
  const double *r0 = row(0), *r1 = row(1), *r2 = row(2), *r3 = row(3), *r4 = row(4), *r5 = row(5),
               *r6 = row(6), *r7 = row(7);
  for (int64_t i = 0; i < kQuantities * kColumns; ++i) {
    const double shared = r1[i] + r2[i] + r3[i] + r4[i] + r5[i] + r6[i];
    first[i] = r0[i] + shared;
    second[i] = r7[i] + shared;
  }
}

/// Adds one row of the map to `total`, from the sums over the windows' seven rows in each column.
RP_INLINE void map_row(const Strip& strip, const Sums& columns, double (&total)[kStrip]) {
  const double c1 = strip.c1, c2 = strip.c2;
  for (int64_t x = 0; x < strip.image.width - kMargin; ++x) {
    const auto window = [&](Quantity quantity) {
      const double* c = columns + quantity * kColumns + x;
      return ((c[0] + c[1]) + (c[2] + c[3])) + ((c[4] + c[5]) + c[6]);
    };
    const double sx = window(kX), sy = window(kY);
    const double product = sx * sy, squares = sx * sx + sy * sy;
    // numerator and denominator both 49^4 times those of the definition
    const double covariance = kCovarianceNorm * (kPixels * window(kProduct) - product);
    const double variances = kCovarianceNorm * (kPixels * window(kSquares) - squares);
    total[x] += ((2 * product + c1) * (2 * covariance + c2)) / ((squares + c1) * (variances + c2));
  }
}

RP_INLINE double sum_windows(const Strip& strip) {
  const int64_t height = strip.image.height, width = strip.image.width;
  Sums rows[kRows] = {};  // pixel row y is rows[y % kRows]
  Sums columns, next_columns;
  double total[kStrip] = {};
  for (int64_t y = 0; y < kMargin; ++y) pixel_row(strip, y, rows[y % kRows]);
  for (int64_t top = 0; top + kMargin < height; top += 2) {
    const int64_t end = std::min(top + kRows, height);
    for (int64_t y = top + kMargin; y < end; ++y) pixel_row(strip, y, rows[y % kRows]);
    column_sums(rows, top, columns, next_columns);
    map_row(strip, columns, total);
    if (end == top + kRows) map_row(strip, next_columns, total);
  }
  double sum = 0;
  for (int64_t x = 0; x < width - kMargin; ++x) sum += total[x];
  return sum;
}

double sum_windows_portable(const Strip& strip) { return sum_windows(strip); }

#ifdef __x86_64__
[[gnu::target("avx2")]] double sum_windows_avx2(const Strip& strip) { return sum_windows(strip); }
#endif

double sum_windows(const Strip& strip, SsimCode code) {
#ifdef __x86_64__
  if (code == SsimCode::kFastest && __builtin_cpu_supports("avx2")) return sum_windows_avx2(strip);
#else
  static_cast<void>(code);
#endif
  return sum_windows_portable(strip);
}

}  // namespace

bool all_scorable(const ImageView& image) {
  constexpr uint32_t kMagnitude = 0x7fffffff;
  const uint32_t largest = std::bit_cast<uint32_t>(1.8e19F);  // NaN and infinity have larger bits
  uint32_t faults = 0;  // no early exit: so that the loop is one of vectors
  for (int64_t y = 0; y < image.height; ++y) {
    const float* row = image.row(y);
    for (int64_t x = 0; x < image.width; ++x)
      faults |= (std::bit_cast<uint32_t>(row[x]) & kMagnitude) > largest ? 1 : 0;
  }
  return faults == 0;
}

double mean_ssim(const ImageView& image, const ImageView& label, double data_range, SsimCode code) {
  RP_ASSERT(image.height >= kSsimWindow && image.width >= kSsimWindow);
  RP_ASSERT(image.height == label.height && image.width == label.width);
  const double k1 = kK1 * data_range * kPixels, k2 = kK2 * data_range * kPixels;
  double sum = 0;
  for (int64_t x = 0; x + kMargin < image.width; x += kStrip) {
    const int64_t columns = std::min(kColumns, image.width - x);
    sum += sum_windows({image.crop(0, x, image.height, columns),
                        label.crop(0, x, label.height, columns), k1 * k1, k2 * k2},
                       code);
  }
  return sum / static_cast<double>((image.height - kMargin) * (image.width - kMargin));
}

double mean_ssim(std::span<const float> image, std::span<const float> label, int64_t height,
                 int64_t width, double data_range) {
  RP_ASSERT(static_cast<int64_t>(image.size()) == height * width && image.size() == label.size());
  return mean_ssim(ImageView{image.data(), height, width, width},
                   ImageView{label.data(), height, width, width}, data_range);
}

}  // namespace reconproof::challenge
