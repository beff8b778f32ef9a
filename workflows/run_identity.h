// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a run of the command depends on, as one hash.
#pragma once

#include <filesystem>
#include <string>

#include "challenge/edition.h"
#include "submission/project.h"
#include "system/host.h"

namespace reconproof::workflows {

struct RunInputs {
  const submission::Project& project;
  const challenge::Edition& edition;
  const system::HostInfo& host;
  std::filesystem::path leaderboard;
  std::string weights_sha256;
  double timeout_s = 0;
};

/// SHA-256 over: this program; machine, its GPUs and whether it can isolate; project file, rules,
/// weights; the project's files (name, mode, size, time of change; contents below 1 MiB) and those
/// of read_only folders (without contents); the leaderboard's files (name, size, time of change);
/// the time limit.
std::string run_identity(const RunInputs& inputs);

}  // namespace reconproof::workflows
