// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Why the validation of a training is not the leaderboard: the same reconstructions, scored by one
// rule after another.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "challenge/score/score.h"

namespace reconproof::challenge {

/// What changes from the step before, and the SSIM then.
struct ScoreStep {
  std::string change;
  double value = 0;
};

/// From what the official trainer prints as 1 - ValLoss to the leaderboard's SSIM (2026:
/// SSIM_full), one change of rule at a time. kCorrupt, kNotFound for the first reconstruction that
/// cannot be scored; kUsage for editions without a mask.
std::vector<ScoreStep> explain_score(const Edition& edition, const std::filesystem::path& labels,
                                     const std::filesystem::path& recon,
                                     const ScoreOptions& options = {});

std::string explanation_table(const std::vector<ScoreStep>& steps);

}  // namespace reconproof::challenge
