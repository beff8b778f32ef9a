// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A hash of what a slice holds, whatever its file is called and however it is encoded.
#pragma once

#include <string>

#include "challenge/dataset/volume_stream.h"
#include "system/sha256.h"

namespace reconproof::challenge {

/// Columns about the centre that every mask of the challenge samples.
inline constexpr int64_t kContentColumns = 4;

/// Gathers the planes of one slice after another.
class SliceContent {
 public:
  /// Of a data set (slices, [coils,] height, width). Of k-space, which may be masked in one file
  /// and complete in another, only the centre counts.
  SliceContent(const std::string& set, const formats::Shape& shape);

  void add(const Plane& plane);
  /// Of the planes since the last call: 64 digits; empty where all values were zero, which says
  /// nothing.
  std::string finish();

 private:
  void add_values(const void* data, size_t floats);

  std::string prefix_;
  int64_t width_, columns_, first_;
  system::Sha256 hash_;
  bool any_ = false;
};

}  // namespace reconproof::challenge
