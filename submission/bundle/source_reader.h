// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Reads a collected file once, and tells where it is no longer what was collected.
#pragma once

#include <cstddef>
#include <cstdint>

#include "submission/bundle/collect.h"
#include "system/files.h"
#include "system/uncached_file.h"

namespace reconproof::submission {

class SourceReader {
 public:
  /// kIntegrity, here and below, where the file changed since it was collected. `source` must
  /// outlive this.
  explicit SourceReader(const SourceFile& source);
  /// The next bytes, as many of `size` as there are; 0 after the last. `size` and `out` as
  /// system::UncachedFile takes them.
  size_t read(void* out, size_t size);

 private:
  void expect_unchanged() const;

  const SourceFile& source_;
  const system::Descriptor file_;
  const system::UncachedFile bytes_;
  int64_t done_ = 0;
  bool ended_ = false;
};

}  // namespace reconproof::submission
