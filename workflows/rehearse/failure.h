// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Why a command failed in a clean clone, from what it printed last.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "checks/measure/whole_run.h"
#include "submission/project.h"
#include "workflows/rehearse/fault.h"

namespace reconproof::workflows {

struct FailureContext {
  std::filesystem::path team;             // the folder that the team works in
  std::filesystem::path clone;            // what HEAD has of it
  std::string weights;                    // declared, of the step that reconstructs
  std::string leaderboard;                // declared
  std::vector<std::string> requirements;  // normalized names of the packages that are asked for
  bool has_gpu = false;
};

/// Of a run that is not ok(). Its kind is "failed" where nothing better can be told. The fault is
/// inconclusive where another machine may well run the command: no GPU here, a limit of this run.
RehearsalFault explain_failure(const checks::WholeRunResult& run, const FailureContext& context);

}  // namespace reconproof::workflows
