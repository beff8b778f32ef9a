// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Memory that is taken once: fresh pages cost more than half of what a reconstruction otherwise
// takes.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "baseline/engine/operation.h"

namespace reconproof::baseline::engine {

/// Zeros, in huge pages where the system has them.
class Arena {
 public:
  explicit Arena(int64_t floats);
  float* data() const { return data_.get(); }
  int64_t floats() const { return floats_; }

 private:
  struct Free {
    void operator()(float* data) const;
  };
  int64_t floats_;
  std::unique_ptr<float[], Free> data_;
};

/// Gives every buffer a place, such that none lies where another one lives at the same time. The
/// floats that all of them need.
int64_t place_buffers(const std::vector<Buffer*>& buffers);

}  // namespace reconproof::baseline::engine
