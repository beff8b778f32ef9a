// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A first, coarse choice among many slices: numbers that flips, quarter turns and shifts leave
// nearly alone, so that likeness is one scalar product.
#pragma once

#include <array>

#include "challenge/dataset/local_contrast.h"

namespace reconproof::challenge {

inline constexpr size_t kSketchSize = 112;
using SliceSketch = std::array<float, kSketchSize>;  // of length 1; all zero: nothing to see

/// The spectrum of local contrast, at the detail that both slices to be compared hold.
SliceSketch sketch(const SliceFingerprint& print, Detail detail);

/// -1 to 1.
float likeness(const SliceSketch& a, const SliceSketch& b);

}  // namespace reconproof::challenge
