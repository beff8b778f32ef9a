// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The loss of the training that made the weights, from what it left beside them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "reports/svg_plot.h"

namespace reconproof::reports {

/// What the ledger says of itself: its lines are bound to each other, and the last one stands for
/// all.
struct LedgerFacts {
  int64_t lines = 0, resumes = 0;
  bool ended = false;
  std::string head;                                         // SHA-256 of the last line
  std::string initial_weights, final_weights, data_sha256;  // empty: not stated
  std::string seed, device, torch;                          // likewise
};

struct Training {
  bool has_ledger = false, has_validation = false;
  /// x in epochs when the validation log says how many there were, else in iterations.
  bool in_epochs = false;
  std::vector<PlotPoint> training;    // mean of up to kMostPoints equal parts of all iterations
  std::vector<PlotPoint> validation;  // one point an epoch, at its end
  int64_t iterations = 0, not_finite = 0;
  LedgerFacts ledger;  // of one that is there
};

/// `weights`: the weights file; val_loss_log.npy and ledger.jsonl are looked for in its folder and
/// in the one above. kCorrupt when one is there and malformed.
Training load_training(const std::filesystem::path& weights);

}  // namespace reconproof::reports
