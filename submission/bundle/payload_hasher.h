// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// SHA-256 of files in a thread of its own, while another one copies their bytes: packing takes as
// long as the slower of the two, not as long as both.
#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <semaphore>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "submission/bundle/bag.h"
#include "submission/bundle/shards.h"
#include "system/page_buffer.h"
#include "system/sha256.h"

namespace reconproof::submission {

/// For each piece of a file: read it into `buffer()`, pass it to `add`, then write it where it
/// goes; after the last piece `end_file`. A few MiB, whatever the files' sizes.
class PayloadHasher {
 public:
  PayloadHasher();
  ~PayloadHasher();
  PayloadHasher(const PayloadHasher&) = delete;
  PayloadHasher& operator=(const PayloadHasher&) = delete;

  /// Memory to read into. Where all is taken, waits until some is hashed.
  std::span<char> buffer();
  /// The first `size` bytes of it go on with the current file. They may still be read, not changed,
  /// until the next `buffer()`.
  void add(size_t size);
  /// The current file stands under this path in the bag.
  void end_file(const std::string& path);
  /// Waits for all of it; nothing may follow.
  void finish();

  /// After `finish`.
  const Digests& digests() const { return digests_; }
  const Shards& shards() const { return shards_; }

 private:
  static constexpr size_t kBuffers = 4, kBufferBytes = 1 << 20;

  struct Slot {
    system::PageBuffer bytes{kBufferBytes};
    size_t size = 0;
    std::string ended;  // the file that ends after these bytes; "" where it goes on
    bool last = false;
  };

  Slot& take();
  void pass_on();
  bool hash_next();
  void hash(const Slot& slot);
  void update(const char* data, size_t size);

  // The slots go round; the semaphores say how many of them each side may take.
  std::array<Slot, kBuffers> slots_;
  std::counting_semaphore<kBuffers> free_{kBuffers}, full_{0};
  size_t passed_ = 0;
  bool taken_ = false;  // the slot after those passed on is being filled
  bool finished_ = false;

  // Of the thread, until it has ended.
  size_t hashed_ = 0;
  system::Sha256 hash_;
  int64_t file_bytes_ = 0;           // so far, of the current file
  std::vector<std::string> values_;  // of its shards
  Digests digests_;
  Shards shards_;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace reconproof::submission
