// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Two sets of reconstructions of the same labels, slice by slice: is +0.0003 an improvement, or
// noise?
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "challenge/score/score.h"

namespace reconproof::challenge {

struct Interval {
  double low = 0, high = 0;
};

struct ItemDifference {
  std::string name;                  // as of Edition::item_names(), without "score"
  double a = 0, b = 0;               // of the volumes that both have
  std::optional<Interval> interval;  // 95 % of b - a; nothing with too few volumes
  /// Whether 0 lies outside the interval.
  bool is_clear() const { return interval && (interval->low > 0 || interval->high < 0); }
};

struct SliceDifference {
  std::string cell, volume;
  int64_t slice = 0;
  double a = 0, b = 0;
};

struct ScoreComparison {
  std::string edition, ruleset;
  Metric metric = Metric::kMaskedMap;
  int64_t volumes = 0;             // that both sets have
  std::vector<std::string> alone;  // volumes that only one set has, as "acc4/brain_test1.h5"
  std::vector<ItemDifference> items;
  std::vector<SliceDifference> slices;  // all that count in both, in the official order
};

/// Bootstrap over volumes (Efron and Tibshirani 1993, chapter 13: percentiles), each cell for
/// itself: the slices of a volume are alike, so they are drawn together, and a volume always in
/// both sets. The same numbers on every machine. Fewer than five volumes in a cell give no
/// interval.
ScoreComparison compare_scores(const Edition& edition, const ScoreResult& a, const ScoreResult& b);

std::string comparison_table(const ScoreComparison& comparison);
nlohmann::json to_json(const ScoreComparison& comparison);  // docs/formats/score.md

}  // namespace reconproof::challenge
