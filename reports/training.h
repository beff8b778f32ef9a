// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The loss of the training that made the weights, from what it left beside them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "reports/svg_plot.h"

namespace reconproof::reports {

struct Training {
  bool has_ledger = false, has_validation = false;
  /// x in epochs when the validation log says how many there were, else in iterations.
  bool in_epochs = false;
  std::vector<PlotPoint> training;    // mean of up to kMostPoints equal parts of all iterations
  std::vector<PlotPoint> validation;  // one point an epoch, at its end
  int64_t iterations = 0, not_finite = 0;
};

/// `weights`: the weights file; val_loss_log.npy and ledger.jsonl are looked for in its folder and
/// in the one above. kCorrupt when one is there and malformed.
Training load_training(const std::filesystem::path& weights);

}  // namespace reconproof::reports
