// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The first updates of every declared training, twice with its seed and, where it is asked for,
// once with another.
#pragma once

#include <filesystem>
#include <string>

#include "checks/facts.h"
#include "workflows/run_progress.h"

namespace reconproof::workflows {

struct TrainingRunsOptions {
  std::filesystem::path leaderboard;  // host folder, which is not shown
  std::filesystem::path train, val;   // host folders; empty: not declared
  int64_t updates = 6;                // 0: none are made
  double timeout_s = 0;               // of each run
  system::SandboxLimits limits;
  bool other_seed = true;  // the third run
};

/// Seconds after which such a run is stopped, unless the user says otherwise: reading all of a data
/// set before the first step takes long.
inline constexpr double kTrainingTimeout = 1800;

/// Fills in `trainings` or `trainings_absent_reason`.
void repeat_trainings(checks::Facts& facts, const TrainingRunsOptions& options,
                      RunProgress& progress);

}  // namespace reconproof::workflows
