// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Runs a stranger's command with bubblewrap: no network, only the files that are named here,
// bounded /tmp and /dev/shm, no capabilities, an uid that owns nothing when we are root, and a
// record of what it tried.
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

#include "system/process.h"

namespace reconproof::system {

struct Mount {
  std::filesystem::path host;    // a file or folder; links are followed
  std::filesystem::path inside;  // absolute
  /// Only an empty folder of ours, made for this run: as root it belongs to the sandbox's uid
  /// meanwhile.
  bool writable = false;
};

struct SandboxLink {
  std::string target;
  std::filesystem::path inside;
};

struct SandboxLimits {
  int64_t file_bytes = int64_t{64} << 30;  // of one file
  int64_t open_files = 4096;
  int64_t processes = 4096;
  std::optional<int64_t> memory_bytes;  // of the whole tree; see SandboxResult::limits_by
  std::optional<int64_t> output_bytes;  // of all writable mounts together, watched by sampling
};

struct SandboxSpec {
  std::vector<std::string> argv;
  std::map<std::string, std::string> env;  // all of it
  std::filesystem::path working_directory = "/tmp";
  std::vector<Mount>
      mounts;  // in this order; folders on the way are made, later ones cover earlier ones
  std::vector<SandboxLink> links;
  // Of /tmp and /dev/shm; no more than limits.memory_bytes, for they are memory.
  int64_t tmp_bytes = int64_t{4} << 30;
  int64_t shm_bytes = int64_t{4} << 30;
  SandboxLimits limits;
  bool gpu = true;      // show NVIDIA devices, where there are any
  bool observe = true;  // record attempts
  std::vector<std::string>
      watch_prefixes;  // inside paths; opening one or what is below it is recorded
  std::vector<std::string> write_prefixes;  // the same for opening it to write
  double timeout_s = 0;
  int64_t capture_bytes = int64_t{64} << 10;
  std::function<void(std::string_view)> on_output;
  /// Asked at every sample, on the thread that `on_output` is called on; a non-empty reply ends the
  /// command and becomes `SandboxResult::stopped`.
  std::function<std::string()> stop_when;
  /// What the command has beside 0, 1 and 2, under numbers of its own from 3 on.
  std::vector<PassedDescriptor> descriptors;
  std::function<void(std::shared_ptr<TreeControl>)> on_control;  // as in ProcessSpec
  std::function<void(pid_t)> on_start;                           // as in ProcessSpec
  std::string bwrap = "bwrap";
};

/// Something that the command tried. Text from a stranger: escape before printing.
struct Attempt {
  std::string
      kind;  // "network" (refused), "loopback" (let through), "open" (of a watched path), "write"
  std::string
      detail;  // "connect to 93.184.216.34 port 443", "/data/leaderboard/acc4/image/brain_test1.h5"
  int64_t count = 0;
};

struct SandboxResult {
  std::string refused_reason;  // this machine did not let us isolate it: nothing ran
  std::string start_error;     // isolated, but the command could not be started
  bool observed = false;
  std::string unobserved_reason;
  int exit_code = -1;  // -1 when a signal ended it
  int signal = 0;
  bool timed_out = false;
  std::string stopped;    // a limit that was exceeded, in words
  std::string limits_by;  // as in ProcessResult
  double wall_s = 0;      // the command's own: exec to exit, without the time it stood frozen
  double cpu_s = 0;
  int64_t peak_rss_bytes = 0;
  int64_t peak_cgroup_bytes = 0;  // as in ProcessResult
  std::string output;             // stdout and stderr
  std::vector<Attempt> attempts;  // at most 10,000 different ones

  bool ran() const { return refused_reason.empty() && start_error.empty(); }
  bool ok() const { return ran() && exit_code == 0 && !timed_out && stopped.empty(); }
};

/// Throws kNotFound when a mount's host path is not there, kInvalidArgument when the spec cannot be
/// right.
SandboxResult run_in_sandbox(const SandboxSpec& spec);

struct SandboxSupport {
  bool available = false;
  std::string refused_reason;  // in words, with what to do
  bool observes = false;
  std::string unobserved_reason;
  std::string limits_by;  // as in SandboxResult
};

/// Runs `true` in a sandbox, once in the life of this process for each `bwrap`.
const SandboxSupport& probe_sandbox(const std::string& bwrap = "bwrap");

}  // namespace reconproof::system
