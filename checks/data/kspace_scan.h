// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What the coils of one k-space slice hold, gathered coil by coil at the speed of memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "challenge/dataset/fft.h"
#include "checks/data/sampling_check.h"

namespace reconproof::checks {

/// Whether all values are numbers.
bool all_finite(std::span<const float> values);

class KspaceScan {
 public:
  explicit KspaceScan(int64_t width);

  void begin();
  /// A coil's plane [height, width].
  void add(std::span<const challenge::Complex> plane);

  bool finite() const { return finite_; }
  /// Columns that hold anything; empty (0, 0) where the slice is zero.
  Band band() const;
  /// Columns inside the band that are zero in every row and coil.
  std::vector<int64_t> zero_columns() const;

 private:
  bool used(int64_t column) const;

  std::vector<uint64_t> bits_;  // of each column's values, all or-ed
  bool finite_ = true;
};

}  // namespace reconproof::checks
