// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/team.h"

#include <algorithm>

namespace reconproof::baseline::engine {
namespace {

/// Waits a little without the kernel, whose waking up costs more than most operations.
template <typename Value>
void wait_while(const std::atomic<Value>& value, Value old) {
  constexpr int kSpins = 4000;
  for (int i = 0; i < kSpins; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
#ifdef __x86_64__
    __builtin_ia32_pause();
#endif
  }
  value.wait(old, std::memory_order_acquire);
}

}  // namespace

Team::Team(int threads) {
  for (int worker = 1; worker < threads; ++worker) {
    others_.emplace_back([this, worker] {
      for (uint32_t seen = 0;; ++seen) {
        wait_while(round_, seen);
        if (ending_) return;
        take_tasks(worker);
        if (--busy_ == 0) busy_.notify_one();
      }
    });
  }
}

Team::~Team() {
  ending_ = true;
  ++round_;
  round_.notify_all();
  others_.clear();
}

void Team::take_tasks(int worker) noexcept {
  for (int64_t task = next_++; task < tasks_; task = next_++) (*work_)(task, worker);
}

void Team::run(int64_t tasks, const Work& work) {
  if (others_.empty() || tasks <= 1) {
    for (int64_t task = 0; task < tasks; ++task) work(task, 0);
    return;
  }
  work_ = &work;
  tasks_ = tasks;
  next_ = 0;
  busy_ = static_cast<int>(others_.size());
  ++round_;
  round_.notify_all();
  take_tasks(0);
  for (int left = busy_; left > 0; left = busy_) wait_while(busy_, left);
}

}  // namespace reconproof::baseline::engine
