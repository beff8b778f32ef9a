// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "challenge/edition.h"

namespace reconproof::checks {

struct Comparison {
  bool equal = true;    // every value of every volume, bit for bit, as float32
  int64_t volumes = 0;  // that were there to compare
  std::vector<std::string>
      differences;  // "acc4/brain_test1.h5: slice 3 is the first to differ; by at most ..."
  std::optional<double> max_difference;  // over all volumes that could be compared
  /// The largest of the differences, each in parts of its volume's largest value.
  std::optional<double> max_relative;
  int64_t incomparable = 0;  // volumes that are there once, cannot be read, or differ in shape
  std::string largest_at;    // where it is that large: "acc4/brain_test1.h5, slice 3"
};

/// Compares two folders of reconstructions (<cell>/*.h5) by content, not by the bytes of the
/// containers.
Comparison compare_reconstructions(const challenge::Edition& edition,
                                   const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace reconproof::checks
