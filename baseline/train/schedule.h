// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace reconproof::baseline {

/// How the learning rate changes. A function of the step alone, so that an interrupted training
/// goes on with the same rates.
struct Schedule {
  enum class Kind {
    kConstant,  // the official one
    kStep,      // times `gamma` every `step_epochs` epochs
    kCosine,    // half a cosine, from the base rate to 0 at the last step
  };
  Kind kind = Kind::kConstant;
  double base = 1e-3;
  double gamma = 0.1;
  int64_t step_epochs = 10;
  int64_t warmup_steps = 0;  // the rate rises in a straight line over so many steps
};

/// Rate of step `iteration` (from 0) in a training of `epochs` epochs of `steps` steps.
double learning_rate(const Schedule& schedule, int64_t iteration, int64_t steps, int64_t epochs);

/// "constant", "step", "cosine"; kUsage for anything else.
Schedule::Kind schedule_from_text(const std::string& text);
const char* schedule_text(Schedule::Kind kind);

}  // namespace reconproof::baseline
