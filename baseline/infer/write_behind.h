// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <future>

namespace reconproof::baseline {

/// Writes the images of one volume while the next are computed: a disk takes its time to say that a
/// file is there.
class WriteBehind {
 public:
  /// Waits for the last write. Its error, which nobody asked for any more, goes to stderr.
  ~WriteBehind();

  /// Begins `write` once the one before it has ended, whose error it throws.
  void begin(std::function<void()> write);
  /// Throws the error of the last one.
  void finish();

 private:
  std::future<void> last_;
};

}  // namespace reconproof::baseline
