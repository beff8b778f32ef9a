// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Threads that stay: an operation of a network takes a tenth of a millisecond, less than starting a
// thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace reconproof::baseline::engine {

class Team {
 public:
  /// The calling thread is one of `threads`.
  explicit Team(int threads);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int threads() const { return static_cast<int>(others_.size()) + 1; }

  /// `work(task, worker)` for every task below `tasks`, on whichever thread is free; worker is
  /// below threads(). Work must not throw, and must not depend on which worker does it.
  using Work = std::function<void(int64_t task, int worker)>;
  void run(int64_t tasks, const Work& work);

 private:
  void take_tasks(int worker) noexcept;  // without memory there is no going on

  std::vector<std::jthread> others_;
  const Work* work_ = nullptr;
  int64_t tasks_ = 0;
  std::atomic<int64_t> next_{0};
  std::atomic<uint32_t> round_{0};  // a new one begins work
  std::atomic<int> busy_{0};
  std::atomic<bool> ending_{false};
};

}  // namespace reconproof::baseline::engine
