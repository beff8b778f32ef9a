// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// How alike two slices look, by their fingerprints: whatever the shading of the coils, over all
// flips, quarter turns and shifts.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "challenge/dataset/fingerprint.h"

namespace reconproof::challenge {

/// Of a slice b to a slice a.
struct SliceMatch {
  /// Correlation of local contrast where both show something, -1 to 1; 1: the same image.
  double similarity = -1;
  /// How b is brought onto a: first transposed (bit 4), then rows reversed (1), then columns (2).
  int symmetry = 0;
  /// Then moved down and to the right so far, in pixels.
  double shift_rows = 0, shift_columns = 0;
  /// Detail in which the two could be compared, as a part of what a fingerprint can hold: 1 for two
  /// complete slices, 0.17 where 16 lines of 396 are known.
  double detail = 0;
  /// Cells where both show tissue.
  int cells = 0;

  /// "same orientation", "turned by 90 degrees, shifted by (12, -6) pixels"
  std::string transformation() const;
};

/// Compares a slice with many: keeps what it alone determines, about 100 KB. For one thread.
class SliceMatcher {
 public:
  explicit SliceMatcher(const SliceFingerprint& print);
  ~SliceMatcher();
  SliceMatcher(SliceMatcher&&) noexcept;
  SliceMatcher& operator=(SliceMatcher&&) noexcept;

  /// Similarity -1 where one of the two is empty.
  SliceMatch match(const SliceMatcher& other) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// How alike two slices look, -1 to 1.
double similarity(const SliceFingerprint& a, const SliceFingerprint& b);

}  // namespace reconproof::challenge
