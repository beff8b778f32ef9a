// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Memory that is taken once: fresh pages cost more than half of what a reconstruction otherwise
// takes.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "baseline/engine/operation.h"

namespace reconproof::baseline::engine {

/// Floats at whose multiples parts of memory begin: those of a cache line and of the longest
/// vector.
inline constexpr int64_t kAlignment = 16;

/// Zeros at first, in huge pages where the system has them.
class Arena {
 public:
  explicit Arena(int64_t floats);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  float* data() const { return data_; }
  int64_t floats() const { return floats_; }

 private:
  int64_t floats_;
  void* mapping_;
  size_t bytes_;  // of the mapping
  float* data_;   // where its first huge page begins
};

/// A new one where there is none or one that is too small.
void make_at_least(std::optional<Arena>& arena, int64_t floats);

/// Gives every buffer a place, such that no channel lies where another one lives at the same time.
/// The floats that all of them need.
int64_t place_buffers(const std::vector<Buffer*>& buffers);

}  // namespace reconproof::baseline::engine
