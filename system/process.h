// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The one place that starts other programs.
//
// A child never stands alone: a guard process of ours is its parent, and the reaper of all that it
// starts. When the child ends, at the timeout, at Ctrl-C, and even when we are killed, the guard
// kills what is left, daemons included, before it goes. No zombie stays, and no process that
// outlives its run.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "system/cgroup.h"
#include "system/tree_control.h"
#include "system/tree_meter.h"

namespace reconproof::system {

struct PassedDescriptor {
  int ours = -1;
  int theirs = -1;  // number in the child
};

struct ProcessSpec {
  std::vector<std::string> argv;            // a name without '/' is looked up in PATH of `env`
  std::map<std::string, std::string> env;   // all of it: nothing is inherited
  std::filesystem::path working_directory;  // empty: ours
  std::optional<std::filesystem::path> stdin_file;                // absent: /dev/null
  std::optional<std::filesystem::path> stdout_file, stderr_file;  // truncated; absent: captured
  int64_t capture_bytes = int64_t{64}
                          << 10;  // kept of each captured stream: first quarter, and the end
  bool split_stderr =
      false;  // capture it apart; otherwise both streams mix in the order of writing
  bool inherit_streams =
      false;  // stdin, stdout and stderr are ours: for our own programs on a terminal
  /// We stand between the command and our own streams (system/stream_relay.h): nobody notices.
  /// Signals that come to us go to the command instead of ending it, and its tree is sampled once a
  /// second. `on_relay` sees what has come out of stream 1 or 2.
  bool relay_streams = false;
  std::function<void(int, std::string_view)> on_relay;
  double timeout_s = 0;                             // 0: none
  std::vector<PassedDescriptor> descriptors;        // beside 0, 1, 2; every other one is closed
  std::function<void(std::string_view)> on_output;  // sees captured bytes as they come
  /// Of everything that it starts; by a cgroup of its own where that can be had, else by sampling.
  /// What is exceeded kills the tree and becomes `ProcessResult::stopped`.
  std::optional<GroupLimits> limits;
  /// Called at every sample; a non-empty reply kills the tree and becomes `ProcessResult::stopped`.
  std::function<std::string(const TreeUsage&)> watchdog;
  /// Called once the program runs, on the thread that runs run_process, before `on_start`. The
  /// control may be used from any thread, and outlive the run: then it does nothing more.
  std::function<void(std::shared_ptr<TreeControl>)> on_control;
  /// Called once the program runs, with the guard's pid: what descends from it is the run.
  std::function<void(pid_t)> on_start;
};

struct ProcessResult {
  std::string start_error;  // why it never ran: "No such file or directory"; empty when it ran
  int exit_code = -1;       // -1 when a signal ended it
  int signal = 0;
  int handed_on = 0;  // with relay_streams: the last signal, or Ctrl-C, that went to the command
  bool timed_out = false;
  std::string stopped;    // a limit that was exceeded, or the watchdog's reason
  std::string limits_by;  // "cgroup v2 (memory, pids, ...)", "sampling and rlimits: why no cgroup"
  double wall_s = 0;      // exec to exit, monotonic, without the time in which it stood frozen
  double frozen_s = 0;
  double ended_s = 0;             // monotonic_seconds() at the exit
  int64_t peak_rss_bytes = 0;     // sampled
  int64_t peak_cgroup_bytes = 0;  // of the cgroup, page cache and tmpfs included; 0: not known
  double cpu_s = 0;               // of the cgroup, else sampled
  std::string output, error_output;

  bool ok() const { return start_error.empty() && exit_code == 0 && !timed_out && stopped.empty(); }
};

/// Runs a program to its end. Throws only when we cannot fork or open the files (kIo, kNotFound);
/// whatever the child does is in the result. On SIGINT, SIGTERM or SIGHUP the tree is killed,
/// then `Interrupted` is thrown (system/interrupt.h).
ProcessResult run_process(const ProcessSpec& spec);

/// Path of a program in a PATH-like list; empty when there is none.
std::filesystem::path find_program(const std::string& name, const std::string& search_path);

}  // namespace reconproof::system
