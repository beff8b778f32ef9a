// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/tree_control.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "system/clock.h"
#include "system/error.h"
#include "system/tree_meter.h"

namespace reconproof::system {
namespace {

constexpr double kPatience = 10;
constexpr useconds_t kPauseUs = 20;

bool stands_still(pid_t pid, pid_t thread) {
  const std::string stat = read_proc(fmt::format("/proc/{}/task/{}/stat", pid, thread));
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= stat.size()) return true;  // it has gone
  return std::string_view("TtZX").find(stat[name_end + 2]) != std::string_view::npos;
}

bool stands_still(pid_t pid) {
  return std::ranges::all_of(threads_of(pid),
                             [&](pid_t thread) { return stands_still(pid, thread); });
}

class SignalControl : public TreeControl {
 public:
  explicit SignalControl(pid_t root) : root_(root) {}

  /// A stopped process has no new children; but the child of one that ended meanwhile may have
  /// moved to a parent that was looked at before. So until a pass finds nothing that runs.
  void freeze() override {
    const double deadline = monotonic_seconds() + kPatience;
    while (stop_what_runs(deadline)) {
    }
  }
  void thaw() override {
    for (const pid_t pid : stopped_) ::kill(pid, SIGCONT);
    stopped_.clear();
  }
  double cpu_seconds() override { return meter_.sample(root_).cpu_s; }
  std::string means() const override { return "SIGSTOP"; }

 private:
  /// Whether anything had to be stopped.
  bool stop_what_runs(double deadline) {
    bool found = false;
    std::vector<pid_t> waiting = children_of(root_);
    for (size_t i = 0; i < waiting.size(); ++i) {
      const pid_t pid = waiting[i];
      if (!stands_still(pid)) {
        found = true;
        ::kill(pid, SIGSTOP);
        stopped_.insert(pid);
        while (!stands_still(pid)) {
          if (monotonic_seconds() > deadline) {
            fail(Code::kIo, "process {} did not stop within {} seconds", pid, kPatience);
          }
          ::usleep(kPauseUs);
        }
      }
      for (const pid_t child : children_of(pid)) waiting.push_back(child);
    }
    return found;
  }

  pid_t root_;
  std::set<pid_t> stopped_;
  TreeMeter meter_;
};

}  // namespace

std::unique_ptr<TreeControl> signal_control(pid_t root) {
  return std::make_unique<SignalControl>(root);
}

RunControl::RunControl(std::unique_ptr<TreeControl> control)
    : control_(std::move(control)), means_(control_->means()) {}

void RunControl::freeze() {
  const std::lock_guard lock(mutex_);
  if (!control_ || frozen_since_ != 0) return;
  try {
    control_->freeze();
  } catch (...) {
    control_->thaw();
    throw;
  }
  frozen_since_ = monotonic_seconds();
}

void RunControl::thaw() {
  const std::lock_guard lock(mutex_);
  if (!control_ || frozen_since_ == 0) return;
  frozen_s_ += monotonic_seconds() - std::exchange(frozen_since_, 0);
  control_->thaw();
}

double RunControl::cpu_seconds() {
  const std::lock_guard lock(mutex_);
  if (control_) cpu_s_ = std::max(cpu_s_, control_->cpu_seconds());
  return cpu_s_;
}

double RunControl::release(double ended_s) {
  const std::lock_guard lock(mutex_);
  control_.reset();
  if (frozen_since_ != 0) frozen_s_ += std::max(0.0, ended_s - std::exchange(frozen_since_, 0));
  return frozen_s_;
}

}  // namespace reconproof::system
