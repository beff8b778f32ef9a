// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <span>

namespace reconproof::system {

/// Memory that begins on a page, its contents not set: into memory that begins elsewhere the kernel
/// copies at a quarter of the speed on some processors.
class PageBuffer {
 public:
  PageBuffer() = default;
  explicit PageBuffer(size_t size)
      : bytes_(static_cast<char*>(::operator new(size, kPage))), size_(size) {}

  char* data() const { return bytes_.get(); }
  size_t size() const { return size_; }
  std::span<char> first(size_t size) const { return {bytes_.get(), size}; }

 private:
  static constexpr std::align_val_t kPage{4096};
  struct Free {
    void operator()(char* bytes) const { ::operator delete(bytes, kPage); }
  };
  std::unique_ptr<char, Free> bytes_;
  size_t size_ = 0;
};

}  // namespace reconproof::system
