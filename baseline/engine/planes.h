// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Images as the kernels want them. Rows lie one column apart: that column is zero, and is the
// padding of both the row before it and the row behind it. With a row of zeros above and below, a
// convolution is a loop over the flat array, without a thought for edges.
#pragma once

#include <cstdint>

namespace reconproof::baseline::engine {

constexpr int64_t round_up(int64_t value, int64_t step) { return (value + step - 1) / step * step; }

/// `count` planes of rows x columns, f32. Owns nothing.
struct Planes {
  float* data = nullptr;
  int64_t count = 0, rows = 0, columns = 0;

  /// Behind the last row: kernels round up to whole tiles.
  static constexpr int64_t kOverrun = 192;

  int64_t stride() const { return columns + 1; }
  int64_t positions() const { return rows * stride(); }
  int64_t plane_floats() const {
    const int64_t floats = round_up(kFront + stride() * (rows + 2) + kOverrun, 16);
    // Planes whole pages apart would fall into the same few lines of a cache.
    return floats % 1024 == 0 ? floats + 48 : floats;
  }
  int64_t floats() const { return count * plane_floats(); }
  float* row(int64_t plane, int64_t index) const {
    return data + plane * plane_floats() + kFront + (index + 1) * stride();
  }

 private:
  static constexpr int64_t kFront = 16;
};

}  // namespace reconproof::baseline::engine
