// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Stops and continues everything that a run started, and tells what it computed meanwhile.
#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <string>

namespace reconproof::system {

class TreeControl {
 public:
  virtual ~TreeControl() = default;
  /// Returns when nothing of the tree runs any more. kIo when it cannot be had within ten seconds:
  /// a process hangs in the kernel.
  virtual void freeze() = 0;
  /// Returns when the tree may run again.
  virtual void thaw() = 0;
  /// User and system time of the tree so far, its ended processes included.
  virtual double cpu_seconds() = 0;
  virtual std::string means() const = 0;  // "cgroup v2 freezer", "cgroup v1 freezer", "SIGSTOP"
};

/// By signals, where no cgroup can be had: what descends from `root`, without itself.
std::unique_ptr<TreeControl> signal_control(pid_t root);

/// Gives another control to several threads, and does nothing any more once the run is over, when
/// its process ids and groups may be somebody else's.
class RunControl : public TreeControl {
 public:
  explicit RunControl(std::unique_ptr<TreeControl> control);
  void freeze() override;
  void thaw() override;
  double cpu_seconds() override;
  std::string means() const override { return means_; }

  /// The run ended at `ended_s` (monotonic). Returns for how long it stood frozen.
  double release(double ended_s);

 private:
  std::mutex mutex_;
  std::unique_ptr<TreeControl> control_;  // null after the end
  std::string means_;
  double frozen_since_ = 0, frozen_s_ = 0, cpu_s_ = 0;
};

}  // namespace reconproof::system
