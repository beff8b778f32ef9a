// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/array.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "system/error.h"

namespace reconproof::formats {

int64_t element_count(const Shape& shape, const std::string& what, int64_t limit) {
  int64_t count = 1;
  for (int64_t extent : shape) {
    if (extent < 0 || __builtin_mul_overflow(count, extent, &count) || count > limit) {
      system::fail(system::Code::kCorrupt, "{}: absurd shape {}: more than {} elements", what,
                   shape_text(shape), limit);
    }
  }
  return count;
}

double largest_magnitude(std::span<const float> values) {
  double largest = 0;
  for (float value : values)
    if (std::isfinite(value)) largest = std::max(largest, std::abs(static_cast<double>(value)));
  return largest;
}

std::string shape_text(const Shape& shape) {
  return fmt::format("({}{})", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
}

}  // namespace reconproof::formats
