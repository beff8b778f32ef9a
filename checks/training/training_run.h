// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The first updates of a declared training, in the sandbox, watched from outside.
//
// It sees its project, the training data at the declared places (k-space and images), and an empty
// folder to write to; neither the leaderboard nor a network, nor what it made before.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/measure/whole_run.h"
#include "checks/training/watched.h"
#include "submission/project.h"

namespace reconproof::checks {

struct TrainingRunOptions {
  std::filesystem::path train, val;   // host folders that hold kspace/ and image/; empty: none
  std::filesystem::path leaderboard;  // host folder; looking for it is recorded
  int64_t updates = 6;                // then it is ended
  int64_t seed_shift = 0;             // added to every seed that it sets
  double timeout_s = 0;
  std::vector<std::filesystem::path> python_adapters;  // behind ours
  std::vector<std::filesystem::path> runtime_folders;
  system::SandboxLimits limits;
  std::function<void(std::string_view)> on_output;
  std::string bwrap = "bwrap";
};

struct TrainingRun {
  WholeRunResult run;
  WatchedRun watched;
  StepSeries log;  // what the official trainer's lines say; no steps: there were none
  int64_t seed_shift = 0;
  bool own_ended = false;  // ended by us, for its log or its own ledger shows enough steps
  bool trained() const;
  bool is_watched() const { return !watched.trainings.empty(); }
};

/// Throws kInvalidArgument when the project declares places that cannot be shown.
TrainingRun training_run(const submission::Project& project, const submission::Step& step,
                         const challenge::Edition& edition, const TrainingRunOptions& options);

}  // namespace reconproof::checks
