// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/data/image_agreement.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "system/error.h"

namespace reconproof::checks {

namespace {

/// Sums of squares and products in lanes, so that they are vectors and round little.
struct Sums {
  double image = 0, product = 0, reference = 0;
};

Sums sums_of(std::span<const float> image, std::span<const float> reference) {
  constexpr size_t kLanes = 8;
  std::array<double, kLanes> a{}, b{}, c{};
  for (size_t i = 0; i < image.size(); ++i) {
    const double x = image[i], y = reference[i];
    const size_t lane = i % kLanes;
    a[lane] += x * x;
    b[lane] += x * y;
    c[lane] += y * y;
  }
  Sums sums;
  for (size_t lane = 0; lane < kLanes; ++lane) {
    sums.image += a[lane];
    sums.product += b[lane];
    sums.reference += c[lane];
  }
  return sums;
}

}  // namespace

ImageAgreement compare_images(std::span<const float> image, std::span<const float> reference) {
  RP_ASSERT(image.size() == reference.size());
  const Sums sums = sums_of(image, reference);
  ImageAgreement result;
  if (!(sums.image > 0) || !(sums.reference > 0)) return result;
  result.scale = sums.product / sums.reference;
  result.correlation = sums.product / std::sqrt(sums.image * sums.reference);
  double squares = 0, most = 0, largest = 0;
  for (size_t i = 0; i < image.size(); ++i) {
    const double difference = std::abs(image[i] - result.scale * reference[i]);
    squares += difference * difference;
    largest = std::max(largest, std::abs(static_cast<double>(image[i])));
    if (difference <= most) continue;
    most = difference;
    result.at = static_cast<int64_t>(i);
  }
  result.residual = std::sqrt(squares / sums.image);
  result.deviation = most / largest;
  return result;
}

}  // namespace reconproof::checks
