// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/official_ssim.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "system/error.h"

namespace reconproof::challenge {
namespace {

constexpr int64_t kMargin = kSsimWindow - 1;  // pixels that a map lacks
constexpr int64_t kHalf = kMargin / 2;
constexpr float kWeight = 1.0F / 49.0F;         // of a pixel in the mean, rounded as the script's
constexpr float kCovarianceNorm = 49.0 / 48.0;  // sample covariance
constexpr int64_t kTile = 16;                   // windows that are summed at once

/// What is averaged over a window: x, y, x x, y y, x y.
constexpr size_t kQuantities = 5;
/// A row of each, of the padded width.
using Planes = std::array<float*, kQuantities>;
/// The window's seven rows of each quantity.
using Windows = std::array<std::array<const float*, kSsimWindow>, kQuantities>;

/// sums[q][i], i < kTile: mean over the window at column x + i of the seven rows.
using Tile = float[kQuantities][kTile];
/// The map's values in the windows of a tile.
using Map = float[kTile];

/// The constants that keep the quotient from being 0 / 0, at an attribute `max` that is any number.
struct Constants {
  explicit Constants(double data_range)
      : c1(static_cast<float>((0.01 * data_range) * (0.01 * data_range))),
        c2(static_cast<float>((0.03 * data_range) * (0.03 * data_range))) {}
  /// The map's value where zeros are compared with zeros: exactly 1, or NaN, as the script's, where
  /// the product underflows or overflows.
  float of_zeros() const { return (c1 * c2) / (c1 * c2); }

  float c1, c2;
};

/// The map's value in each window of a tile, rounded after each operation as tensors are.
[[gnu::always_inline]] inline void finish_tile(const Tile& sums, const Constants& constants,
                                               Map& ssim) {
  const float c1 = constants.c1, c2 = constants.c2;
  for (int64_t i = 0; i < kTile; ++i) {
    const float ux = sums[0][i], uy = sums[1][i];
    const float vx = kCovarianceNorm * (sums[2][i] - ux * ux);
    const float vy = kCovarianceNorm * (sums[3][i] - uy * uy);
    const float vxy = kCovarianceNorm * (sums[4][i] - ux * uy);
    const float a1 = 2 * ux * uy + c1, a2 = 2 * vxy + c2;
    const float b1 = ux * ux + uy * uy + c1, b2 = vx + vy + c2;
    ssim[i] = (a1 * a2) / (b1 * b2);
  }
}

void map_portable(const Windows& rows, int64_t x, const Constants& constants, Map& ssim) {
  Tile sums;
  for (size_t q = 0; q < kQuantities; ++q) {
    for (int64_t i = 0; i < kTile; ++i) {
      float sum = 0;
      for (const float* row : rows[q])
        for (int64_t tap = 0; tap < kSsimWindow; ++tap)
          sum = std::fma(row[x + i + tap], kWeight, sum);
      sums[q][i] = sum;
    }
  }
  finish_tile(sums, constants, ssim);
}

#ifdef __x86_64__
[[gnu::target("avx2,fma")]] void map_avx2(const Windows& rows, int64_t x,
                                          const Constants& constants, Map& ssim) {
  Tile sums;
  constexpr int64_t kLanes = 8;
  const __m256 weight = _mm256_set1_ps(kWeight);
  __m256 low[kQuantities], high[kQuantities];  // ten chains hide the latency of a multiply-add
  for (size_t q = 0; q < kQuantities; ++q) low[q] = high[q] = _mm256_setzero_ps();
  for (size_t r = 0; r < kSsimWindow; ++r) {
    for (int64_t tap = 0; tap < kSsimWindow; ++tap) {
#pragma GCC unroll 5
      for (size_t q = 0; q < kQuantities; ++q) {
        const float* at = rows[q][r] + x + tap;
        low[q] = _mm256_fmadd_ps(_mm256_loadu_ps(at), weight, low[q]);
        high[q] = _mm256_fmadd_ps(_mm256_loadu_ps(at + kLanes), weight, high[q]);
      }
    }
  }
  for (size_t q = 0; q < kQuantities; ++q) {
    _mm256_storeu_ps(sums[q], low[q]);
    _mm256_storeu_ps(sums[q] + kLanes, high[q]);
  }
  finish_tile(sums, constants, ssim);
}
#endif

using MapTile = void (*)(const Windows&, int64_t, const Constants&, Map&);

MapTile best_code(SsimCode code) {
#ifdef __x86_64__
  if (code == SsimCode::kFastest && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return map_avx2;
#else
  static_cast<void>(code);
#endif
  return map_portable;
}

struct Columns {
  int64_t first = 0, end = 0;
};

/// From the first to the last column that holds a 1 in any of the rows [top, top + rows).
Columns occupied_columns(const std::vector<Columns>& of_rows, int64_t top, int64_t rows) {
  Columns all{std::numeric_limits<int64_t>::max(), 0};
  for (int64_t y = top; y < top + rows; ++y) {
    const Columns& row = of_rows[static_cast<size_t>(y)];
    if (row.first == row.end) continue;
    all.first = std::min(all.first, row.first);
    all.end = std::max(all.end, row.end);
  }
  return all.end == 0 ? Columns{} : all;
}

std::vector<Columns> occupied_columns(const MaskView& mask, int64_t height, int64_t width) {
  std::vector<Columns> rows(static_cast<size_t>(height), Columns{0, width});
  if (!mask.pixels) return rows;
  for (int64_t y = 0; y < height; ++y) {
    const uint8_t *begin = mask.row(y), *end = begin + width;
    const uint8_t* first = std::find(begin, end, 1);
    const uint8_t* last = end;
    while (last > first && last[-1] == 0) --last;
    rows[static_cast<size_t>(y)] = {first - begin, last - begin};
  }
  return rows;
}

/// The last seven rows of all quantities, masked, with room behind for the last tile.
class RowRing {
 public:
  explicit RowRing(int64_t width)
      : stride_(width + kTile + kMargin),
        values_(kQuantities * kSsimWindow * static_cast<size_t>(stride_)) {}

  void load(const ImageView& image, const ImageView& label, const MaskView& mask, int64_t y) {
    const float *a = image.row(y), *b = label.row(y);
    const uint8_t* m = mask.pixels ? mask.row(y) : nullptr;
    float *xs = row(0, y), *ys = row(1, y), *xx = row(2, y), *yy = row(3, y), *xy = row(4, y);
    for (int64_t i = 0; i < image.width; ++i) {
      const float factor = m ? m[i] : 1;
      xs[i] = a[i] * factor;
      ys[i] = b[i] * factor;
    }
    for (int64_t i = 0; i < image.width; ++i) {
      xx[i] = xs[i] * xs[i];
      yy[i] = ys[i] * ys[i];
      xy[i] = xs[i] * ys[i];
    }
  }

  Windows windows(int64_t top) {
    Windows rows;
    for (size_t q = 0; q < kQuantities; ++q)
      for (int64_t r = 0; r < kSsimWindow; ++r) rows[q][static_cast<size_t>(r)] = row(q, top + r);
    return rows;
  }

 private:
  float* row(size_t quantity, int64_t y) {
    return values_.data() +
           (static_cast<int64_t>(quantity) * kSsimWindow + y % kSsimWindow) * stride_;
  }

  int64_t stride_;
  std::vector<float> values_;
};

/// Calls `add(y, x, values, count)` for every tile of the map that touches the mask.
template <typename Add>
void for_each_tile(const ImageView& image, const ImageView& label, const Constants& constants,
                   const MaskView& mask, SsimCode code, Add&& add) {
  RP_ASSERT(image.height >= kSsimWindow && image.width >= kSsimWindow);
  RP_ASSERT(image.height == label.height && image.width == label.width);
  RP_ASSERT(!mask.pixels || (image.height == mask.height && image.width == mask.width));
  const MapTile map_tile = best_code(code);
  const std::vector<Columns> occupied = occupied_columns(mask, image.height, image.width);
  RowRing ring(image.width);
  const int64_t map_width = image.width - kMargin;
  for (int64_t y = 0; y < kMargin; ++y) ring.load(image, label, mask, y);
  for (int64_t top = 0; top + kMargin < image.height; ++top) {
    ring.load(image, label, mask, top + kMargin);
    const Columns columns = occupied_columns(occupied, top, kSsimWindow);
    const int64_t first = std::max<int64_t>(0, columns.first - kMargin);
    const int64_t end = std::min(columns.end, map_width);
    const Windows windows = ring.windows(top);
    for (int64_t x = first; x < end; x += kTile) {
      Map ssim;
      map_tile(windows, x, constants, ssim);
      add(top, x, ssim, std::min(kTile, end - x));
    }
  }
}

}  // namespace

double official_ssim(const ImageView& image, const ImageView& label, double data_range,
                     const MaskView& mask, SsimCode code) {
  const Constants constants(data_range);
  double lanes[kTile] = {};
  int64_t counted = 0;
  for_each_tile(image, label, constants, mask, code,
                [&](int64_t, int64_t, const Map& ssim, int64_t count) {
                  for (int64_t i = 0; i < count; ++i) lanes[i] += ssim[i];
                  counted += count;
                });
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  const int64_t windows = (image.height - kMargin) * (image.width - kMargin);
  if (counted < windows)  // the others lie wholly outside the mask
    sum += static_cast<double>(windows - counted) * constants.of_zeros();
  return sum / static_cast<double>(windows);
}

std::optional<double> official_ssim_inside(const ImageView& image, const ImageView& label,
                                           double data_range, const MaskView& mask, SsimCode code) {
  RP_ASSERT(mask.pixels);
  double lanes[kTile] = {};
  int64_t counted = 0;
  for_each_tile(image, label, Constants(data_range), mask, code,
                [&](int64_t y, int64_t x, const Map& ssim, int64_t count) {
                  const uint8_t* centres = mask.row(y + kHalf) + x + kHalf;
                  for (int64_t i = 0; i < count; ++i) {
                    lanes[i] += centres[i] ? ssim[i] : 0;
                    counted += centres[i];
                  }
                });
  if (counted == 0) return std::nullopt;
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum / static_cast<double>(counted);
}

std::vector<float> official_ssim_map(const ImageView& image, const ImageView& label,
                                     double data_range, const MaskView& mask, SsimCode code) {
  const Constants constants(data_range);
  std::vector<float> map(static_cast<size_t>(image.height * image.width),
                         std::numeric_limits<float>::quiet_NaN());
  const auto centres = [&](int64_t y, int64_t x) {
    return map.begin() + (y + kHalf) * image.width + x + kHalf;
  };
  for (int64_t y = 0; y + kMargin < image.height; ++y)
    std::fill_n(centres(y, 0), image.width - kMargin, constants.of_zeros());
  for_each_tile(image, label, constants, mask, code,
                [&](int64_t y, int64_t x, const Map& ssim, int64_t count) {
                  std::copy_n(ssim, count, centres(y, x));
                });
  return map;
}

}  // namespace reconproof::challenge
