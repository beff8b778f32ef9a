// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/payload_pipe.h"

#include <algorithm>
#include <system_error>

#include "system/error.h"

namespace reconproof::submission {

PayloadPipe::PayloadPipe(Files files) : files_(std::move(files)) {
  for (size_t i = 0; i < kBuffers; ++i)
    slots_[i].bytes = bytes_.part(i * kBufferBytes, kBufferBytes);
  try {
    reader_ = std::thread([this] {
      while (read_next()) continue;
    });
    hasher_ = std::thread([this] {
      while (hash_next()) continue;
    });
  } catch (const std::system_error&) {
    // No thread to be had: the caller reads or hashes.
  }
}

PayloadPipe::~PayloadPipe() {
  stopped_ = true;
  free_.release();
  if (reader_.joinable()) reader_.join();
  written_.release();
  if (hasher_.joinable()) hasher_.join();
}

/// False after the last slot, and after one that could not be read.
bool PayloadPipe::read_next() {
  free_.acquire();
  if (stopped_) return false;
  Slot& slot = slots_[slots_read_++ % kBuffers];
  slot.size = 0;
  slot.last = reading_ == files_.size();
  try {
    if (!slot.last) read_into(slot);
  } catch (...) {
    slot.unreadable = std::current_exception();
  }
  const bool more = !slot.last && !slot.unreadable;
  read_.release();
  return more;
}

void PayloadPipe::read_into(Slot& slot) {
  if (!source_) source_.emplace(*files_[reading_].second);
  slot.size = source_->read(slot.bytes.data(), kBufferBytes);
  if (slot.size > 0) return;
  source_.reset();
  ++reading_;
}

/// What the caller held until now is written.
void PayloadPipe::hand_on() {
  if (!std::exchange(holds_slot_, false)) return;
  written_.release();
  if (!hasher_.joinable()) hash_next();
}

std::span<const char> PayloadPipe::next() {
  hand_on();
  if (!reader_.joinable()) read_next();
  read_.acquire();
  const Slot& slot = slots_[slots_taken_++ % kBuffers];
  if (slot.unreadable) std::rethrow_exception(slot.unreadable);
  holds_slot_ = true;
  return slot.bytes.first(slot.size);
}

void PayloadPipe::finish() {
  RP_ASSERT(!finished_);
  finished_ = true;
  next();
  RP_ASSERT(slots_[(slots_taken_ - 1) % kBuffers].last);
  hand_on();
  if (hasher_.joinable()) hasher_.join();
  if (failure_) std::rethrow_exception(failure_);
}

/// False after the last slot. After a failure the slots still go round: nobody waits for ever.
bool PayloadPipe::hash_next() {
  written_.acquire();
  if (stopped_) return false;
  const Slot& slot = slots_[slots_hashed_++ % kBuffers];
  const bool more = !slot.last;
  try {
    if (more && !failure_) hash(slot);
  } catch (...) {
    failure_ = std::current_exception();
  }
  free_.release();
  return more;
}

void PayloadPipe::hash(const Slot& slot) {
  update(slot.bytes.data(), slot.size);
  if (slot.size > 0) return;
  const std::string& path = files_[hashing_++].first;
  digests_[path] = std::exchange(hash_, {}).hex();
  if (!values_.empty()) shards_[path] = std::exchange(values_, {});
  file_bytes_ = 0;
}

/// A boundary has a value only when bytes follow it.
void PayloadPipe::update(const char* data, size_t size) {
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
