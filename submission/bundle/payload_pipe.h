// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The collected files' bytes on their way into a bundle: one thread reads them, the caller writes
// them where they go, one thread hashes them. Packing takes as long as the slowest of the three,
// not as long as all of them.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <exception>
#include <optional>
#include <semaphore>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "submission/bundle/bag.h"
#include "submission/bundle/collect.h"
#include "submission/bundle/shards.h"
#include "submission/bundle/source_reader.h"
#include "system/page_buffer.h"
#include "system/sha256.h"

namespace reconproof::submission {

/// A few MiB, whatever the files' sizes.
class PayloadPipe {
 public:
  /// Path in the bag and the file, in the order in which they are read.
  using Files = std::vector<std::pair<std::string, const SourceFile*>>;

  /// The files must outlive this.
  explicit PayloadPipe(Files files);
  ~PayloadPipe();
  PayloadPipe(const PayloadPipe&) = delete;
  PayloadPipe& operator=(const PayloadPipe&) = delete;

  /// The next bytes of the current file, until the next call; none at its end, then those of the
  /// file after it. Throws what reading throws. Nobody may call it after the last file's end.
  std::span<const char> next();
  /// Waits until all is hashed.
  void finish();

  /// After `finish`.
  const Digests& digests() const { return digests_; }
  const Shards& shards() const { return shards_; }

 private:
  static constexpr size_t kBuffers = 6, kBufferBytes = 1 << 20;

  struct Slot {
    std::span<char> bytes;          // of `bytes_`
    size_t size = 0;                // 0: the current file ends
    bool last = false;              // nothing follows
    std::exception_ptr unreadable;  // instead of bytes
  };

  bool read_next();
  void read_into(Slot& slot);
  bool hash_next();
  void hash(const Slot& slot);
  void update(const char* data, size_t size);
  void hand_on();

  const Files files_;

  // The slots go round, from the reading thread to the caller to the hashing one; the semaphores
  // say how many of them each may take.
  const system::PageBuffer bytes_{kBuffers * kBufferBytes};
  std::array<Slot, kBuffers> slots_;
  std::counting_semaphore<kBuffers + 1> free_{kBuffers}, read_{0}, written_{0};
  std::atomic<bool> stopped_ = false;

  // Of the reading thread.
  size_t slots_read_ = 0, reading_ = 0;
  std::optional<SourceReader> source_;

  // Of the caller.
  size_t slots_taken_ = 0;
  bool holds_slot_ = false, finished_ = false;

  // Of the hashing thread, until it has ended.
  size_t slots_hashed_ = 0, hashing_ = 0;
  system::Sha256 hash_;
  int64_t file_bytes_ = 0;           // so far, of the current file
  std::vector<std::string> values_;  // of its shards
  Digests digests_;
  Shards shards_;
  std::exception_ptr failure_;

  std::thread reader_, hasher_;
};

}  // namespace reconproof::submission
