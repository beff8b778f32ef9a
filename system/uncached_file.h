// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Reads large files past the page cache (kLargeFile of files.h says why).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "system/files.h"

namespace reconproof::system {

class UncachedFile {
 public:
  /// `file`, which must outlive this, is read through the cache where it is smaller than
  /// `least_bytes` or its file system knows no other way.
  explicit UncachedFile(const Descriptor& file, int64_t least_bytes = kLargeFile);
  ~UncachedFile();
  UncachedFile(const UncachedFile&) = delete;
  UncachedFile& operator=(const UncachedFile&) = delete;

  /// `size` bytes from `offset` on, less at the file's end; `offset`, `size` and `out` are
  /// multiples of kDirectAlignment. What the cache holds comes from there. kIo ("<name>: ...").
  size_t read(void* out, size_t size, int64_t offset, const std::string& name) const;

 private:
  bool is_cached(int64_t offset, size_t size) const;

  const Descriptor& file_;
  Descriptor direct_;      // none: through the cache
  void* pages_ = nullptr;  // the file as mapped memory: only to ask which pages the cache holds
  size_t pages_bytes_ = 0;
};

}  // namespace reconproof::system
