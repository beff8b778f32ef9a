// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Where on this machine a control group for a run can be made.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace reconproof::system {

/// A mounted hierarchy of control groups, and where this process stands in it.
struct CgroupHierarchy {
  int version = 2;
  std::vector<std::string> controllers;  // of version 1: those of the mount
  std::filesystem::path top, own;        // folders; `own` is `top` or below it
};

/// From the texts of /proc/self/cgroup and /proc/self/mountinfo.
std::vector<CgroupHierarchy> cgroup_hierarchies(const std::string& self_cgroup,
                                                const std::string& mountinfo);

/// What a group can do for us: bound memory, bound processes, count CPU time, freeze, kill.
enum class CgroupPart { kMemory, kPids, kCpu, kFreezer, kKill };

/// A folder in which we may make groups, and what these can do.
struct CgroupPlace {
  int version = 2;
  std::filesystem::path folder;
  std::vector<CgroupPart> parts;
};

struct CgroupPlaces {
  std::vector<CgroupPlace> places;  // no two with the same part
  std::string lacking;  // why memory or processes cannot be bounded; empty when both can be
};

/// Our own group is preferred. A group of version 2 that has processes gives its children no
/// controllers, so that the next one above it is asked, unless the group that would be left behind
/// bounds memory or processors. Nobody's processes are moved.
CgroupPlaces find_cgroup_places(const std::vector<CgroupHierarchy>& hierarchies);

}  // namespace reconproof::system
