// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Bytes that a thread of its own reads while others are worked on: hashing then takes as long as
// the slower of the two, not as long as both.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <semaphore>
#include <span>
#include <thread>

#include "submission/bundle/inventory.h"
#include "system/page_buffer.h"
#include "system/uncached_file.h"

namespace reconproof::submission {

class ReadAhead {
 public:
  static constexpr size_t kMostBuffers = 16;

  /// `size` bytes of a file from `begin` on, at most so many blocks of 1 MiB ahead: disks deliver
  /// in bursts of several MiB. `place` must outlive this; one at a time in a thread.
  ReadAhead(const Place& place, int64_t begin, int64_t size, size_t buffers = kMostBuffers);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// The next bytes, until the next call; none after the last. Throws what reading throws.
  std::span<const char> next();

 private:
  // Large: each time one thread waits for the other costs about as much as hashing 100 KiB.
  static constexpr int64_t kBlockBytes = int64_t{1} << 20;

  static const system::PageBuffer& kept_bytes();
  std::span<char> block(int64_t offset) const;
  void read(int64_t offset) const;
  void read_all();

  const Place& place_;
  const system::UncachedFile file_;
  // In the file: where the first block begins, which is aligned; and from there on, where the
  // wanted bytes begin and end.
  const int64_t aligned_, begin_, end_;
  int64_t given_ = 0;  // of these, in blocks that `next` returned
  const size_t buffers_;
  const system::PageBuffer& bytes_;

  // The blocks go round in `bytes_`; the semaphores say how many of them each side may take.
  std::counting_semaphore<kMostBuffers + 1> free_, full_{0};
  std::atomic<bool> stopped_ = false;
  std::atomic<int64_t> failed_at_ = -1;  // the bytes that could not be read, as `failure_` says
  std::exception_ptr failure_;
  std::thread thread_;  // none for few bytes, or where no thread is to be had: `next` reads then
};

}  // namespace reconproof::submission
