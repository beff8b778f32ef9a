// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/ssim.h"

#include "system/error.h"

namespace reconproof::challenge {
namespace {

constexpr double kK1 = 0.01, kK2 = 0.03;

/// The five sums that SSIM needs of a window or of part of one.
struct Sums {
  double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
};

}  // namespace

double mean_ssim(std::span<const float> image, std::span<const float> label, int64_t height,
                 int64_t width, double data_range) {
  RP_ASSERT(height >= kSsimWindow && width >= kSsimWindow);
  RP_ASSERT(static_cast<int64_t>(image.size()) == height * width && image.size() == label.size());
  constexpr double kPixels = kSsimWindow * kSsimWindow;
  constexpr double kCovarianceNorm = kPixels / (kPixels - 1);  // sample covariance
  const double c1 = (kK1 * data_range) * (kK1 * data_range);
  const double c2 = (kK2 * data_range) * (kK2 * data_range);

  // columns[x]: sums over the window's seven rows in column x, recomputed for each row of windows
  // from the rows themselves: a running update over 384 rows would carry rounding along.
  std::vector<Sums> columns(static_cast<size_t>(width));
  double total = 0;
  for (int64_t top = 0; top + kSsimWindow <= height; ++top) {
    for (int64_t x = 0; x < width; ++x) {
      Sums s;
      for (int64_t y = top; y < top + kSsimWindow; ++y) {
        const double a = image[static_cast<size_t>(y * width + x)];
        const double b = label[static_cast<size_t>(y * width + x)];
        s.x += a, s.y += b, s.xx += a * a, s.yy += b * b, s.xy += a * b;
      }
      columns[static_cast<size_t>(x)] = s;
    }
    double row = 0;
    for (int64_t left = 0; left + kSsimWindow <= width; ++left) {
      Sums s;
      for (int64_t x = left; x < left + kSsimWindow; ++x) {
        const Sums& c = columns[static_cast<size_t>(x)];
        s.x += c.x, s.y += c.y, s.xx += c.xx, s.yy += c.yy, s.xy += c.xy;
      }
      const double ux = s.x / kPixels, uy = s.y / kPixels;
      const double vx = kCovarianceNorm * (s.xx / kPixels - ux * ux);
      const double vy = kCovarianceNorm * (s.yy / kPixels - uy * uy);
      const double vxy = kCovarianceNorm * (s.xy / kPixels - ux * uy);
      row += ((2 * ux * uy + c1) * (2 * vxy + c2)) / ((ux * ux + uy * uy + c1) * (vx + vy + c2));
    }
    total += row;
  }
  return total / static_cast<double>((height - kSsimWindow + 1) * (width - kSsimWindow + 1));
}

}  // namespace reconproof::challenge
