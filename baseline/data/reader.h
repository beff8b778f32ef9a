// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "baseline/data/volume.h"

namespace reconproof::baseline {

/// Reads samples ahead in one thread, in order: while a network computes, the next slices come from
/// the disk. One thread, since libhdf5 is not parallel; a bounded queue, since slices are large.
class SampleReader {
 public:
  using Load = std::function<Sample(int64_t position)>;

  /// Will call `load` for positions first, first + 1, ..., end - 1, at most `ahead` of them before
  /// they are asked for. `load` must not be used elsewhere meanwhile.
  SampleReader(int64_t first, int64_t end, Load load, size_t ahead = 4);
  ~SampleReader();
  SampleReader(const SampleReader&) = delete;
  SampleReader& operator=(const SampleReader&) = delete;

  /// The next sample; throws what `load` threw for it, which then was the last. Called at most once
  /// for each position.
  Sample next();

 private:
  struct Item {
    Sample sample;
    std::exception_ptr error;
  };
  void run(int64_t first, int64_t end);

  Load load_;
  const size_t ahead_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> ready_;
  bool stopping_ = false, ended_ = false;
  std::thread thread_;
};

}  // namespace reconproof::baseline
