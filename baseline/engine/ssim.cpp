// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/ssim.h"

#include <algorithm>
#include <vector>

namespace reconproof::baseline::engine {
namespace {

constexpr int64_t kSsimWindow = 7;
constexpr double kSsimPixels = kSsimWindow * kSsimWindow;
constexpr double kSampleNorm = kSsimPixels / (kSsimPixels - 1);  // of a sample covariance

/// Values of [rows][columns].
struct Grid {
  Grid(int64_t r, int64_t c) : rows(r), columns(c), values(static_cast<size_t>(r * c)) {}
  double* row(int64_t index) { return values.data() + index * columns; }
  const double* row(int64_t index) const { return values.data() + index * columns; }
  int64_t rows, columns;
  std::vector<double> values;
};

/// Sums over the windows that lie within: [rows - 6][columns - 6]. Each is added up anew: a running
/// sum would carry the rounding of bright pixels into dark ones.
Grid window_sums(const Grid& from) {
  const int64_t columns = from.columns - kSsimWindow + 1;
  Grid sums(from.rows - kSsimWindow + 1, columns);
  std::vector<double> column_sums(static_cast<size_t>(from.columns));
  for (int64_t row = 0; row < sums.rows; ++row) {
    std::ranges::fill(column_sums, 0.0);
    for (int64_t k = 0; k < kSsimWindow; ++k) {
      const double* values = from.row(row + k);
      for (size_t i = 0; i < column_sums.size(); ++i) column_sums[i] += values[i];
    }
    double* to = sums.row(row);
    for (int64_t k = 0; k < kSsimWindow; ++k)
      for (int64_t i = 0; i < columns; ++i) to[i] += column_sums[static_cast<size_t>(i + k)];
  }
  return sums;
}

/// The transpose: each pixel gets the sum over the windows that hold it.
Grid pixel_sums(const Grid& windows) {
  constexpr int64_t kBorder = kSsimWindow - 1;
  Grid padded(windows.rows + 2 * kBorder, windows.columns + 2 * kBorder);
  for (int64_t row = 0; row < windows.rows; ++row)
    std::copy_n(windows.row(row), windows.columns, padded.row(row + kBorder) + kBorder);
  return window_sums(padded);
}

}  // namespace

double ssim_loss(const float* image, const float* target, int64_t rows, int64_t columns,
                 double range, float* gradient) {
  const double c1 = 0.01 * range * 0.01 * range, c2 = 0.03 * range * 0.03 * range;
  const auto mapped = [&](const auto& value) {
    Grid grid(rows, columns);
    for (int64_t i = 0; i < rows * columns; ++i)
      grid.values[static_cast<size_t>(i)] =
          value(static_cast<double>(image[i]), static_cast<double>(target[i]));
    return window_sums(grid);
  };
  Grid ux = mapped([](double x, double) { return x; });
  Grid uxx = mapped([](double x, double) { return x * x; });
  Grid uxy = mapped([](double x, double y) { return x * y; });
  const Grid uy = mapped([](double, double y) { return y; });
  const Grid uyy = mapped([](double, double y) { return y * y; });
  double sum = 0;
  const size_t windows = ux.values.size();
  for (size_t i = 0; i < windows; ++i) {
    const double mx = ux.values[i] / kSsimPixels, my = uy.values[i] / kSsimPixels;
    const double vx = kSampleNorm * (uxx.values[i] / kSsimPixels - mx * mx);
    const double vy = kSampleNorm * (uyy.values[i] / kSsimPixels - my * my);
    const double vxy = kSampleNorm * (uxy.values[i] / kSsimPixels - mx * my);
    const double a1 = 2 * mx * my + c1, a2 = 2 * vxy + c2;
    const double b1 = mx * mx + my * my + c1, b2 = vx + vy + c2, b = b1 * b2;
    const double similarity = a1 * a2 / b;
    sum += similarity;
    // Derivatives for the means of x, x^2 and x y in the places of these.
    ux.values[i] =
        2 * my * (a2 - kSampleNorm * a1) / b - similarity * 2 * mx * (1 / b1 - kSampleNorm / b2);
    uxx.values[i] = -similarity * kSampleNorm / b2;
    uxy.values[i] = 2 * kSampleNorm * a1 / b;
  }
  const Grid of_mean = pixel_sums(ux), of_square = pixel_sums(uxx), of_product = pixel_sums(uxy);
  const double share = -1 / (static_cast<double>(windows) * kSsimPixels);
  for (int64_t i = 0; i < rows * columns; ++i) {
    const auto at = static_cast<size_t>(i);
    gradient[i] = static_cast<float>(
        share * (of_mean.values[at] + 2 * static_cast<double>(image[i]) * of_square.values[at] +
                 static_cast<double>(target[i]) * of_product.values[at]));
  }
  return 1 - sum / static_cast<double>(windows);
}

}  // namespace reconproof::baseline::engine
