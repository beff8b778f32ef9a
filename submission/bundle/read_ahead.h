// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Bytes that a thread of its own reads while others are worked on: hashing then takes as long as
// the slower of the two, not as long as both.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <semaphore>
#include <span>
#include <thread>

#include "submission/bundle/inventory.h"

namespace reconproof::submission {

class ReadAhead {
 public:
  /// `size` bytes of a file from `begin` on. `place` must outlive this.
  ReadAhead(const Place& place, int64_t begin, int64_t size);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// The next bytes, until the next call; none after the last. Throws what reading throws.
  std::span<const char> next();

 private:
  static constexpr int64_t kBufferBytes = int64_t{128} << 10;  // stays in a core's own cache
  static constexpr size_t kBuffers = 3;  // one is worked on, one is full, one is being filled

  std::span<char> buffer(int64_t offset) const;
  void read(int64_t offset) const;
  void read_all();

  const Place& place_;
  const int64_t begin_, size_;
  int64_t given_ = 0;  // bytes that `next` returned
  std::array<std::unique_ptr<char[]>, kBuffers> buffers_;

  // The buffers go round; the semaphores say how many of them each side may take.
  std::counting_semaphore<kBuffers + 1> free_{kBuffers}, full_{0};
  std::atomic<bool> stopped_ = false;
  std::atomic<int64_t> failed_at_ = -1;  // the bytes that could not be read, as `failure_` says
  std::exception_ptr failure_;
  std::thread thread_;  // none for few bytes, or where no thread is to be had: `next` reads then
};

}  // namespace reconproof::submission
