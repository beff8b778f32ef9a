// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Steps that a ledger of the baseline records, taken again from the seed or from a saved training
// state: they must lead to the next recorded weights.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "checks/determinism/ledger_compare.h"
#include "system/exit_code.h"

namespace reconproof::workflows {

struct ReplayOptions {
  std::filesystem::path ledger;
  std::vector<std::filesystem::path> data_train;
  std::filesystem::path data_val;  // empty: trained without
  std::filesystem::path state;     // training_state of the run; empty: from the seed
  int64_t until = 0;               // at least so many steps of the training; 0: the next weights
};

struct Replay {
  int64_t from = 0, to = 0;           // steps of the training
  std::vector<std::string> elsewise;  // "threads 2 in place of 4": bits need not be the same then
  checks::SeriesComparison comparison;
  std::string head;  // of the ledger that was replayed

  /// 0: every loss and the weights at `to`, bit for bit. 6: differences on a machine that is not
  /// the same, such as rounding makes. 5: all else.
  system::ExitCode exit_code() const;
};

/// kInvalidArgument when the ledger has no recorded weights behind the beginning, or is not of the
/// baseline; kIntegrity when its chain is broken, or does not lead to the state; kInternal when
/// the replay itself fails (its output is on stderr).
Replay replay_ledger(const ReplayOptions& options);

std::string replay_text(const Replay& replay);

}  // namespace reconproof::workflows
