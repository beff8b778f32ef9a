// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Fourier transforms of any length, as many at a time as a vector has lanes.
#pragma once

#include <vector>

#include "baseline/engine/kernels.h"

namespace reconproof::baseline::engine {

/// Unscaled; the first element is that of frequency 0.
class Fourier {
 public:
  Fourier(int64_t length, bool inverse, const Kernels& kernels);

  int64_t floats() const { return length_ * 2 * kernels_.lanes; }
  /// `values` [length][2][lanes], as is `scratch`; the one that holds the result.
  float* run(float* values, float* scratch) const;

 private:
  struct Pass {
    int64_t radix, groups, step;
    std::vector<float> twiddles, roots;
  };
  int64_t length_;
  const Kernels& kernels_;
  std::vector<Pass> passes_;
};

}  // namespace reconproof::baseline::engine
