// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Shapes of arrays read from files. Sizes from a file pass `element_count` before anything is
// allocated.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace reconproof::formats {

using Shape = std::vector<int64_t>;

/// Product of the extents; throws kCorrupt ("<what>: ...") on a negative extent, overflow, or more
/// than `limit`.
int64_t element_count(const Shape& shape, const std::string& what,
                      int64_t limit = int64_t{1} << 40);

/// The largest magnitude among the finite values; 0 when there is none.
double largest_magnitude(std::span<const float> values);

/// "(16, 20, 768, 396)"
std::string shape_text(const Shape& shape);

}  // namespace reconproof::formats
