// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Two trainings, step by step: where they first differ, by how much, and how the difference grows.
// From ledgers to the last bit; from the official trainer's log lines to the digits that it prints.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "formats/ledger.h"

namespace reconproof::checks {

struct StepRecord {
  int64_t iteration = 0;  // optimizer step over the whole run, from 0
  std::string slices;     // "a.h5, slice 3; ..." in the order of the batch; empty: not recorded
  std::optional<double> loss, grad_norm;
  int64_t skipped = 0;  // updates left out just before this one (float16 overflows)
};

struct WeightsRecord {
  int64_t iteration = 0;  // steps completed; 0: the initial weights
  std::string sha256;
};

/// Means that the official trainer prints after an epoch.
struct EpochRecord {
  int64_t epoch = 0;
  std::optional<double> train_loss, val_loss;
};

struct StepSeries {
  std::vector<StepRecord> steps;       // by rising iteration; of a log, those that it printed
  std::vector<WeightsRecord> weights;  // likewise; none in a log
  std::vector<EpochRecord> epochs;     // of a log only
  /// Significant digits of the losses: the most that any has. Absent: exact.
  std::optional<int> digits;
};

StepSeries series_of(const formats::Ledger& ledger);

enum class Quantity { kInitialWeights, kSlices, kLoss, kGradNorm, kWeights, kTrainLoss, kValLoss };

struct Divergence {
  Quantity quantity = Quantity::kLoss;
  int64_t iteration = 0;  // of the step; kWeights: steps completed; kTrainLoss, kValLoss: the epoch
  std::string a, b;       // what each has
  /// Of numbers: |a - b|, and that in parts of the larger magnitude.
  std::optional<double> absolute, relative;
};

/// How |difference of the losses| moves after the first divergence, while it is small against the
/// losses themselves: as exp(rate * steps), by least squares.
struct Growth {
  double rate = 0;    // a step
  int64_t steps = 0;  // over which it was fitted, at least 3
};

struct SeriesComparison {
  int64_t steps = 0;                    // compared
  int64_t only_a = 0, only_b = 0;       // steps that only one of the two has
  std::optional<bool> initial_weights;  // equal? absent: cannot be told
  std::optional<Divergence> first;      // absent: equal as far as both go
  std::optional<Growth> growth;
  std::optional<StepRecord> largest_a, largest_b;  // the step whose losses differ most
  std::optional<int> digits;  // the coarser resolution of the two; absent: exact

  bool equal() const { return !first; }
};

/// A coarser series is compared at its own resolution: the finer one is rounded to its digits.
/// Quantities that one of the two does not have are not compared.
SeriesComparison compare_series(const StepSeries& a, const StepSeries& b);

/// One or more sentences, as the end of a finding: the first divergence, its size and growth; or
/// over how many steps the two are equal; and the resolution where that is not exact.
std::string comparison_text(const SeriesComparison& comparison);

nlohmann::json to_json(const SeriesComparison& comparison);

}  // namespace reconproof::checks
