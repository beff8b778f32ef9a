// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "checks/code/scan.h"
#include "submission/project.h"
#include "workflows/rehearse/fault.h"

namespace reconproof::workflows {

/// Places in a clone's code that mean something on the team's machine alone: fixed paths, settings
/// in environment variables, the leaderboard, the network. Warnings, since whether they matter the
/// runs show; but for a variable that is set where this runs. Returns a place that names the
/// leaderboard in code which training reaches, or "".
std::string rehearse_code(const submission::Project& team, const submission::Project& clone,
                          const std::vector<checks::ReachedFile>& reached, RehearsalStep& step);

}  // namespace reconproof::workflows
