// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a tree of processes uses, read from /proc: for machines where no cgroup counts it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace reconproof::system {

/// What the tree below the guard used, read from /proc at intervals of 10 to 250 ms.
struct TreeUsage {
  int64_t rss_bytes = 0;       // now: sum over the processes; shared pages count in each
  int64_t peak_rss_bytes = 0;  // largest such sum, or largest VmHWM of one process
  double cpu_s = 0;            // user and system time
  int64_t processes = 0;
};

class TreeMeter {
 public:
  /// One walk below `root`, which is not counted itself.
  const TreeUsage& sample(pid_t root);
  const TreeUsage& usage() const { return usage_; }

 private:
  TreeUsage usage_;
  std::map<pid_t, double> cpu_;  // of all that were ever seen
};

/// A small file of /proc; empty when the process has gone.
std::string read_proc(const std::string& path);

/// Children of all threads of a process.
std::vector<pid_t> children_of(pid_t pid);

/// Threads of a process; empty when it has gone.
std::vector<pid_t> threads_of(pid_t pid);

}  // namespace reconproof::system
