// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Whether the logs of a training are those of the weights that are handed in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "submission/project.h"
#include "workflows/rehearse/fault.h"

namespace reconproof::workflows {

/// An epoch of a log that has a validation loss.
struct LoggedEpoch {
  int64_t epoch = 0;    // as it is numbered there: from 0 by the official trainer
  int64_t ordinal = 0;  // from 1: the how many-th line or row
  double val_loss = 0;
};

/// Of the epochs of one log, the one that the weights' stored epoch names; or what is wrong.
/// `name` of the log, for messages. The official trainer stores epoch + 1.
std::optional<RehearsalFault> hold_log_against(int64_t stored_epoch,
                                               const std::vector<LoggedEpoch>& log,
                                               const std::string& name);

/// val_loss_log.npy, kCorrupt where it is not that; rows that are no numbers are left out.
std::vector<LoggedEpoch> read_val_loss_log(const std::filesystem::path& file);

/// Lines of the official trainer in a text.
std::vector<LoggedEpoch> read_text_log(const std::filesystem::path& file);

/// All logs that are found beside the weights or are declared; says which.
RehearsalStep look_at_logs(const submission::Project& team);

}  // namespace reconproof::workflows
