// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/payload_hasher.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "system/error.h"

namespace reconproof::submission {

PayloadHasher::PayloadHasher() {
  try {
    thread_ = std::thread([this] {
      while (hash_next()) continue;
    });
  } catch (const std::system_error&) {
    // No thread to be had: who passes on hashes.
  }
}

PayloadHasher::~PayloadHasher() {
  try {
    finish();
  } catch (...) {
    // Whoever did not wait for the digests does not miss them.
  }
}

PayloadHasher::Slot& PayloadHasher::take() {
  Slot& slot = slots_[passed_ % kBuffers];
  if (!std::exchange(taken_, true)) {
    free_.acquire();
    slot.size = 0;
    slot.ended.clear();
  }
  return slot;
}

void PayloadHasher::pass_on() {
  taken_ = false;
  ++passed_;
  full_.release();
  if (!thread_.joinable()) hash_next();
}

std::span<char> PayloadHasher::buffer() { return take().bytes.first(kBufferBytes); }

void PayloadHasher::add(size_t size) {
  RP_ASSERT(taken_ && size <= kBufferBytes);
  take().size = size;
  pass_on();
}

void PayloadHasher::end_file(const std::string& path) {
  take().ended = path;
  pass_on();
}

void PayloadHasher::finish() {
  if (finished_) return;
  finished_ = true;
  take().last = true;
  pass_on();
  if (thread_.joinable()) thread_.join();
  if (failure_) std::rethrow_exception(failure_);
}

/// False after the last slot. After a failure the slots still go round: nobody waits for ever.
bool PayloadHasher::hash_next() {
  full_.acquire();
  const Slot& slot = slots_[hashed_++ % kBuffers];
  const bool more = !slot.last;
  try {
    if (!failure_) hash(slot);
  } catch (...) {
    failure_ = std::current_exception();
  }
  free_.release();
  return more;
}

void PayloadHasher::hash(const Slot& slot) {
  update(slot.bytes.data(), slot.size);
  if (slot.ended.empty()) return;
  digests_[slot.ended] = std::exchange(hash_, {}).hex();
  if (!values_.empty()) shards_[slot.ended] = std::exchange(values_, {});
  file_bytes_ = 0;
}

/// A boundary has a value only when bytes follow it.
void PayloadHasher::update(const char* data, size_t size) {
  while (size > 0) {
    const int64_t into_shard = file_bytes_ % kShardBytes;
    if (into_shard == 0 && file_bytes_ > 0) values_.push_back(hash_.chaining_value());
    const size_t part = std::min(size, static_cast<size_t>(kShardBytes - into_shard));
    hash_.update(data, part);
    file_bytes_ += static_cast<int64_t>(part);
    data += part;
    size -= part;
  }
}

}  // namespace reconproof::submission
