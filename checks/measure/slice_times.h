// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What the times of single slices come to.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "checks/measure/slice_run.h"

namespace reconproof::checks {

struct SliceStatistics {
  int64_t slices = 0;
  double total_s = 0, mean_ms = 0, median_ms = 0, p95_ms = 0;
};

/// Of all slices of all volumes; `declared`: by the clock of the team's process.
SliceStatistics statistics(const std::vector<VolumeTimes>& volumes, bool declared = false);

/// A burst of other work on the machine only ever adds time: by slice, the least of two runs.
void keep_least(std::vector<VolumeTimes>& volumes, const std::vector<VolumeTimes>& again);

/// How much longer `later` took than `earlier`, in per cent of it. What a request itself costs,
/// under a millisecond, is no gap.
double gap_percent(double earlier_ms, double later_ms);
/// Times its limit: no load of the machine explains such a gap.
inline constexpr double kGapBeyondDoubt = 5;

/// How fast runs that asked in the same way were.
class PaceRange {
 public:
  void note(const std::vector<VolumeTimes>& volumes);
  /// By how much the slowest took longer than the fastest.
  double spread_percent() const { return gap_percent(least_ms_, most_ms_); }

 private:
  double least_ms_ = 0, most_ms_ = 0;
};

/// Time in prep_volume for each megabyte of input, in ms: by the clock or of all processors,
/// whichever is more, without what opening a file and a first call take.
double prep_ms_per_mb(const VolumeTimes& volume);

nlohmann::json to_json(const std::vector<VolumeTimes>& volumes);
nlohmann::json to_json(const SliceStatistics& statistics);

}  // namespace reconproof::checks
