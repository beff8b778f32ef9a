// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Two runs of one training: where they part, why, and what to do about it; and which of their
// initial weights are the same although everything that seeds set was different.
#pragma once

#include <string>
#include <vector>

#include "checks/training/watched.h"

namespace reconproof::checks {

struct Diagnosis {
  std::string cause, remedy;  // sentences
};

/// Of two runs with the same seed that first differ there.
Diagnosis diagnose(const WatchedTraining& a, const WatchedTraining& b, const Divergence& first);

/// The losses of both from the first difference on, a line each; at most 8.
std::vector<std::string> losses_beside_each_other(const StepSeries& a, const StepSeries& b,
                                                  const Divergence& first);

/// Tensors that both have under the same name with the same number of values.
struct EqualTensors {
  int64_t compared = 0, compared_values = 0;  // without those of constants
  int64_t equal = 0, equal_values = 0;
  int64_t constant = 0;            // tensors of constants: equal or not, they tell nothing
  std::vector<std::string> names;  // of the equal ones; "(not trained)" behind those of a network
                                   // that no optimizer changes

  double equal_part() const {
    return compared_values > 0
               ? static_cast<double>(equal_values) / static_cast<double>(compared_values)
               : 0;
  }
};

EqualTensors equal_tensors(const WatchedTraining& a, const WatchedTraining& b);

}  // namespace reconproof::checks
