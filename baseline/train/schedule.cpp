// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/train/schedule.h"

#include <cmath>
#include <numbers>

#include "system/error.h"

namespace reconproof::baseline {

double learning_rate(const Schedule& schedule, int64_t iteration, int64_t steps, int64_t epochs) {
  const int64_t warmup = schedule.warmup_steps;
  if (iteration < warmup)
    return schedule.base * static_cast<double>(iteration + 1) / static_cast<double>(warmup);
  switch (schedule.kind) {
    case Schedule::Kind::kStep:
      return schedule.base * std::pow(schedule.gamma, static_cast<double>(iteration / steps /
                                                                          schedule.step_epochs));
    case Schedule::Kind::kCosine: {
      const double length = static_cast<double>(std::max<int64_t>(1, steps * epochs - warmup));
      const double done = static_cast<double>(iteration - warmup) / length;
      return schedule.base * 0.5 * (1 + std::cos(std::numbers::pi * std::min(1.0, done)));
    }
    default:
      return schedule.base;
  }
}

Schedule::Kind schedule_from_text(const std::string& text) {
  for (const auto kind :
       {Schedule::Kind::kConstant, Schedule::Kind::kStep, Schedule::Kind::kCosine})
    if (text == schedule_text(kind)) return kind;
  system::fail(system::Code::kUsage, "--lr-schedule is '{}', expected constant, step or cosine",
               text);
}

const char* schedule_text(Schedule::Kind kind) {
  switch (kind) {
    case Schedule::Kind::kStep:
      return "step";
    case Schedule::Kind::kCosine:
      return "cosine";
    default:
      return "constant";
  }
}

}  // namespace reconproof::baseline
