// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Every run of a submission's command that a check makes: each is a step that is recorded, so that
// a check which is cut off goes on behind it.
#pragma once

#include <filesystem>

#include "checks/facts.h"
#include "checks/registry.h"
#include "workflows/run_progress.h"
#include "workflows/step_records.h"

namespace reconproof::workflows {

struct CommandRunOptions {
  std::filesystem::path leaderboard;
  double timeout_s = 0;
  system::SandboxLimits limits;  // of each run
  checks::Steps steps = 0;  // that are to be taken
};

/// Fills in what the runs gave: run, repeat, slices, hardened, renamed, exchanged, poisoned,
/// threads. Their names among the records are those of the folders below .reconproof/check/.
void run_command(checks::Facts& facts, const CommandRunOptions& options, const StepRecords& records,
                 RunProgress& progress);

/// Seconds after which a run is stopped: as the user says, else twice the edition's limit.
double run_timeout_s(const challenge::Edition& edition, std::optional<double> chosen);

}  // namespace reconproof::workflows
