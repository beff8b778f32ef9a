// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A control group for one run, where the machine lets us make one: its memory and processes are
// bounded by the kernel, its CPU time is counted exactly, and it can be frozen and killed as one.
//
// Groups are named reconproof-PID-N and locked (flock) by their owner and its guard. Whatever is
// left of one whose lock is free belongs to a program that was killed: the next one removes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "system/cgroup_place.h"
#include "system/files.h"
#include "system/tree_control.h"

namespace reconproof::system {

struct GroupLimits {
  std::optional<int64_t> memory_bytes;
  std::optional<int64_t> processes;  // and threads
  int64_t own_processes = 0;         // of ours among them, which do not count
};

/// In words; the same whether the kernel or a sample found it.
std::string memory_exceeded(int64_t limit);
std::string processes_exceeded(int64_t limit);

class Cgroup {
 public:
  /// Null where no group can be had; then `reason` says so. RECONPROOF_CGROUP=none in the
  /// environment makes it so, RECONPROOF_CGROUP=v1 leaves version 2 alone.
  static std::unique_ptr<Cgroup> create(const GroupLimits& limits, std::string& reason);
  /// Removes the groups of programs that were killed; `create` does so once.
  static void remove_abandoned();
  /// Kills what is left and removes the group.
  ~Cgroup();
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;

  /// A process that writes "0" to each of them is in the group; so are its children.
  std::vector<int> entries() const;
  /// For a guard that outlives us: what it keeps open, so that the group stays locked; what kills
  /// with "1" (-1: nothing does), what continues a frozen group with "THAWED" (-1: killing does),
  /// and what it removes.
  std::vector<int> locks() const;
  int kill_descriptor() const { return kill_.get(); }
  int thaw_descriptor() const { return thaw_.get(); }
  std::vector<std::string> folders() const;

  bool has(CgroupPart part) const { return folder_with(part) != nullptr; }
  /// "cgroup v2 (cpu, freezer, kill), v1 (memory, pids)", and what is missing.
  std::string means() const;
  std::string exceeded() const;                      // a limit that was, in words; empty: none
  std::optional<double> cpu_seconds() const;         // user and system
  std::optional<int64_t> peak_memory_bytes() const;  // page cache and tmpfs included
  /// Null where the group cannot be frozen. Only while the group lives.
  std::unique_ptr<TreeControl> control() const;

 private:
  struct Folder {
    CgroupPlace place;
    std::filesystem::path path;
    Descriptor lock, entry;
    bool has(CgroupPart part) const;
  };

  Cgroup() = default;
  void make_folders(const CgroupPlaces& places);
  void set_limits(const GroupLimits& limits);
  bool can_be_entered() const;
  static CgroupPlaces usable_places(const std::string& allowed);
  const Folder* folder_with(CgroupPart part) const;

  std::vector<Folder> folders_;
  std::string lacking_;
  GroupLimits limits_;
  Descriptor kill_, thaw_;
};

}  // namespace reconproof::system
