// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Reads a collected file once, and tells where it is no longer what was collected.
#pragma once

#include <cstddef>
#include <cstdint>

#include "submission/bundle/collect.h"
#include "system/files.h"

namespace reconproof::submission {

class SourceReader {
 public:
  /// kIntegrity, here and below, where the file changed since it was collected. `source` must
  /// outlive this.
  explicit SourceReader(const SourceFile& source);
  /// The next bytes, up to `size` of them; 0 after the last.
  size_t read(void* out, size_t size);

 private:
  void expect_unchanged() const;

  const SourceFile& source_;
  system::Descriptor file_;
  int64_t done_ = 0;
};

}  // namespace reconproof::submission
