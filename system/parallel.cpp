// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace reconproof::system {

size_t thread_count(int threads) {
  return threads > 0 ? static_cast<size_t>(threads)
                     : std::max(1u, std::thread::hardware_concurrency());
}

void for_each_index(size_t count, int threads, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next{0};
  std::exception_ptr failure;
  std::mutex mutex;
  const auto loop = [&] {
    for (size_t i = next++; i < count; i = next++) {
      try {
        work(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
        next = count;
      }
    }
  };
  const size_t workers = std::min(count, thread_count(threads));
  std::vector<std::jthread> pool;
  try {
    for (size_t t = 1; t < workers; ++t) pool.emplace_back(loop);
  } catch (const std::system_error&) {
    // No more threads to be had: those that run, and this one, do the work.
  }
  loop();
  pool.clear();  // joins
  if (failure) std::rethrow_exception(failure);
}

}  // namespace reconproof::system
