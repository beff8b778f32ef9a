// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What trainings left elsewhere, as runs of a history.
#pragma once

#include <filesystem>
#include <vector>

#include "submission/runs/run.h"

namespace reconproof::submission {

/// Reads a `val_loss_log.npy` (rows of epoch and loss), an official log, a CSV that W&B exported
/// (one run for each run in it) or an event file of TensorBoard: told apart by what they hold. The
/// ids come from the contents, so that a file which is imported twice, or by two teammates, is one
/// run. kNotFound; kCorrupt for a file that is none of these, is malformed, or tells of no loss.
std::vector<Run> import_runs(const std::filesystem::path& file);

}  // namespace reconproof::submission
