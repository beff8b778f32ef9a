// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Which slices a report shows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "challenge/score/score.h"
#include "reports/images.h"

namespace reconproof::reports {

struct SliceChoice {
  const challenge::VolumeScore* volume = nullptr;  // of the score it was chosen from
  int64_t slice = 0;
  SliceRole role = SliceRole::kWorst;
};

/// The worst, the (lower) median and the best slice of a cell, as far as there are so many that
/// count, and the slice with the worst box where boxes are scored.
std::vector<SliceChoice> choose_slices(const challenge::ScoreResult& score,
                                       const std::string& cell);

/// At most `wanted` of all, in order and evenly spread.
std::vector<int64_t> evenly_chosen(const std::vector<int64_t>& all, int64_t wanted);

}  // namespace reconproof::reports
