// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/data/reader.h"

#include "system/error.h"

namespace reconproof::baseline {

SampleReader::SampleReader(int64_t first, int64_t end, Load load, size_t ahead)
    : load_(std::move(load)), ahead_(ahead), thread_([=, this] { run(first, end); }) {}

SampleReader::~SampleReader() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void SampleReader::run(int64_t first, int64_t end) {
  const torch::NoGradGuard
      no_gradients;  // the mode belongs to a thread, and a new one begins with it on
  for (int64_t position = first; position < end; ++position) {
    Item item;
    try {
      item.sample = load_(position);
    } catch (...) {
      item.error = std::current_exception();
    }
    const bool failed = item.error != nullptr;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopping_ || ready_.size() < ahead_; });
    if (stopping_) return;
    ready_.push_back(std::move(item));
    changed_.notify_all();
    if (failed) break;
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

Sample SampleReader::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !ready_.empty() || ended_; });
  RP_ASSERT(!ready_.empty());  // would wait for ever otherwise
  Item item = std::move(ready_.front());
  ready_.pop_front();
  changed_.notify_all();
  lock.unlock();
  if (item.error) std::rethrow_exception(item.error);
  return std::move(item.sample);
}

}  // namespace reconproof::baseline
