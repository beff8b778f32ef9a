// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/ssim.h"

#include <algorithm>
#include <bit>
#include <cstring>

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
constexpr int64_t kHalf = kMargin / 2;

/// The map is worked through in strips of columns, so that all sums of a strip stay in the
/// first-level cache.
constexpr int64_t kStrip = 66;
constexpr int64_t kColumns = kStrip + kMargin;
constexpr int64_t kRows = kSsimWindow + 1;

/// What SSIM needs to know of a window: sums of x, y, x^2 + y^2 (the variances are only ever added)
/// and x y.
enum Quantity : int64_t { kX, kY, kSquares, kProduct, kQuantities };
using Sums = double[kQuantities * kColumns];  // quantity after quantity

/// A row of pixels.
struct Row {
  Sums sums;
  double mask[kColumns];
};

/// Windows to be added up: the map of `image` and `label`, at most kStrip windows across, each
/// multiplied by `mask` if there is one.
struct Strip {
  ImageView image, label;
  MaskView mask;
  double c1, c2;  // of sums instead of means: 49^2 times those of the definition
};

template <bool kMasked>
RP_INLINE void pixel_row(const Strip& strip, int64_t y, Row& out) {
  const float* __restrict image = strip.image.row(y);
  const float* __restrict label = strip.label.row(y);
  const uint8_t* __restrict mask = kMasked ? strip.mask.row(y) : nullptr;
  for (int64_t x = 0; x < strip.image.width; ++x) {
    const float factor = kMasked ? mask[x] : 1;
    const double a = image[x] * factor, b = label[x] * factor;
    out.sums[kX * kColumns + x] = a;
    out.sums[kY * kColumns + x] = b;
    out.sums[kSquares * kColumns + x] = a * a + b * b;
    out.sums[kProduct * kColumns + x] = a * b;
    if (kMasked) out.mask[x] = factor;
  }
}

/// The sums over the seven rows from `top` on, and over the seven from the next on. Each pair is
/// added anew from the rows themselves: a running update down the image would carry rounding along.
RP_INLINE void column_sums(const Row (&rows)[kRows], int64_t top, Sums& first, Sums& second) {
  const auto row = [&](int64_t y) { return rows[(top + y) % kRows].sums; };
  const double *r0 = row(0), *r1 = row(1), *r2 = row(2), *r3 = row(3), *r4 = row(4), *r5 = row(5),
               *r6 = row(6), *r7 = row(7);
  for (int64_t i = 0; i < kQuantities * kColumns; ++i) {
    const double shared = r1[i] + r2[i] + r3[i] + r4[i] + r5[i] + r6[i];
    first[i] = r0[i] + shared;
    second[i] = r7[i] + shared;
  }
}

/// Adds one row of the map to `total`, from the sums over the windows' seven rows in each column;
/// multiplied by the mask of their middle row if kInside.
template <bool kInside>
RP_INLINE void map_row(const Strip& strip, const Sums& columns, const Row& middle,
                       double (&total)[kStrip]) {
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
    const double ssim =
        ((2 * product + c1) * (2 * covariance + c2)) / ((squares + c1) * (variances + c2));
    total[x] += kInside ? ssim * middle.mask[x + kHalf] : ssim;
  }
}

template <bool kMasked, bool kInside>
RP_INLINE double sum_windows(const Strip& strip) {
  const int64_t height = strip.image.height, width = strip.image.width;
  Row rows[kRows] = {};  // pixel row y is rows[y % kRows]
  Sums columns, next_columns;
  double total[kStrip] = {};
  for (int64_t y = 0; y < kMargin; ++y) pixel_row<kMasked>(strip, y, rows[y % kRows]);
  for (int64_t top = 0; top + kMargin < height; top += 2) {
    const int64_t end = std::min(top + kRows, height);
    for (int64_t y = top + kMargin; y < end; ++y) pixel_row<kMasked>(strip, y, rows[y % kRows]);
    column_sums(rows, top, columns, next_columns);
    const auto middle = [&](int64_t row) -> const Row& { return rows[(row + kHalf) % kRows]; };
    map_row<kInside>(strip, columns, middle(top), total);
    if (end == top + kRows) map_row<kInside>(strip, next_columns, middle(top + 1), total);
  }
  double sum = 0;
  for (int64_t x = 0; x < width - kMargin; ++x) sum += total[x];
  return sum;
}

/// What is added up: all windows, or those whose centre lies in the mask.
enum class Windows { kAll, kInside };

RP_INLINE double sum_windows(const Strip& strip, Windows windows) {
  if (!strip.mask.pixels) return sum_windows<false, false>(strip);
  return windows == Windows::kInside ? sum_windows<true, true>(strip)
                                     : sum_windows<true, false>(strip);
}

double sum_windows_portable(const Strip& strip, Windows windows) {
  return sum_windows(strip, windows);
}

#ifdef __x86_64__
[[gnu::target("avx2")]] double sum_windows_avx2(const Strip& strip, Windows windows) {
  return sum_windows(strip, windows);
}
#endif

double sum_windows(const Strip& strip, Windows windows, SsimCode code) {
#ifdef __x86_64__
  if (code == SsimCode::kFastest && __builtin_cpu_supports("avx2"))
    return sum_windows_avx2(strip, windows);
#else
  static_cast<void>(code);
#endif
  return sum_windows_portable(strip, windows);
}

/// First and last-plus-one row that hold a 1; equal when none does.
std::pair<int64_t, int64_t> occupied_rows(const MaskView& mask) {
  const auto occupied = [&](int64_t y) {
    return std::memchr(mask.row(y), 1, static_cast<size_t>(mask.width)) != nullptr;
  };
  int64_t first = 0, last = mask.height;
  while (first < last && !occupied(first)) ++first;
  while (last > first && !occupied(last - 1)) --last;
  return {first, last};
}

void check_sizes(const ImageView& image, const ImageView& label, const MaskView& mask) {
  RP_ASSERT(image.height >= kSsimWindow && image.width >= kSsimWindow);
  RP_ASSERT(image.height == label.height && image.width == label.width);
  RP_ASSERT(!mask.pixels || (image.height == mask.height && image.width == mask.width));
}

/// Calls `each(strip)` for the strips of the map from left to right.
template <typename Each>
void for_each_strip(const ImageView& image, const ImageView& label, const MaskView& mask,
                    double data_range, Each&& each) {
  const double k1 = kK1 * data_range * kPixels, k2 = kK2 * data_range * kPixels;
  for (int64_t x = 0; x + kMargin < image.width; x += kStrip) {
    const int64_t columns = std::min(kStrip + kMargin, image.width - x);
    const auto cut = [&](const auto& view) { return view.crop(0, x, image.height, columns); };
    each(Strip{cut(image), cut(label), mask.pixels ? cut(mask) : mask, k1 * k1, k2 * k2});
  }
}

/// The part of a masked strip that holds the windows of map rows [first, last).
Strip window_rows(const Strip& strip, int64_t first, int64_t last) {
  const auto cut = [&](const auto& view) {
    return view.crop(first, 0, last - first + kMargin, view.width);
  };
  return {cut(strip.image), cut(strip.label), cut(strip.mask), strip.c1, strip.c2};
}

/// The sum over all windows of a strip, of which only those that touch the mask are worked out: the
/// others compare zeros with zeros, which is exactly 1.
double sum_masked(const Strip& strip, SsimCode code) {
  const int64_t map_rows = strip.image.height - kMargin, across = strip.image.width - kMargin;
  const auto [occupied, end] = occupied_rows(strip.mask);
  if (occupied == end) return static_cast<double>(map_rows * across);
  const int64_t first = std::max<int64_t>(0, occupied - kMargin), last = std::min(end, map_rows);
  return sum_windows(window_rows(strip, first, last), Windows::kAll, code) +
         static_cast<double>((map_rows - (last - first)) * across);
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

double mean_ssim(const ImageView& image, const ImageView& label, double data_range,
                 const MaskView& mask, SsimCode code) {
  check_sizes(image, label, mask);
  double sum = 0;
  for_each_strip(image, label, mask, data_range, [&](const Strip& strip) {
    sum += mask.pixels ? sum_masked(strip, code) : sum_windows(strip, Windows::kAll, code);
  });
  return sum / static_cast<double>((image.height - kMargin) * (image.width - kMargin));
}

std::optional<double> mean_ssim_inside(const ImageView& image, const ImageView& label,
                                       double data_range, const MaskView& mask, SsimCode code) {
  RP_ASSERT(mask.pixels);
  check_sizes(image, label, mask);
  double sum = 0;
  int64_t windows = 0;
  for_each_strip(image, label, mask, data_range, [&](const Strip& strip) {
    const MaskView centres =
        strip.mask.crop(kHalf, kHalf, strip.mask.height - kMargin, strip.mask.width - kMargin);
    const auto [first, last] = occupied_rows(centres);
    if (first == last) return;
    sum += sum_windows(window_rows(strip, first, last), Windows::kInside, code);
    for (int64_t y = first; y < last; ++y)
      windows += std::count(centres.row(y), centres.row(y) + centres.width, 1);
  });
  if (windows == 0) return std::nullopt;
  return sum / static_cast<double>(windows);
}

double mean_ssim(std::span<const float> image, std::span<const float> label, int64_t height,
                 int64_t width, double data_range) {
  RP_ASSERT(static_cast<int64_t>(image.size()) == height * width && image.size() == label.size());
  return mean_ssim(ImageView{image.data(), height, width, width},
                   ImageView{label.data(), height, width, width}, data_range);
}

}  // namespace reconproof::challenge
