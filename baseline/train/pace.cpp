// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/train/pace.h"

#include <fmt/core.h>

#include <cmath>
#include <ctime>

#include "system/terminal.h"

namespace reconproof::baseline {

std::optional<double> Pace::seconds_left(int64_t epoch, int64_t position) const {
  if (steps_seen_ == 0) return std::nullopt;
  const double step = step_seconds_ / static_cast<double>(steps_seen_);
  const double validation =
      validations_seen_ > 0 ? validation_seconds_ / static_cast<double>(validations_seen_) : 0;
  const double epochs_left = static_cast<double>(epochs_ - epoch);
  return epochs_left * (static_cast<double>(steps_) * step + validation) -
         static_cast<double>(position) * step;
}

std::string Pace::text(int64_t epoch, int64_t position, int64_t now) const {
  const std::optional<double> left = seconds_left(epoch, position);
  if (!left) return {};
  const std::time_t end = static_cast<std::time_t>(now) + std::llround(*left);
  std::tm local{};
  ::localtime_r(&end, &local);
  char date[32];
  std::strftime(date, sizeof date, "%F %H:%M", &local);
  return fmt::format("{:.3g} s a step; training ends {} ({} left)",
                     step_seconds_ / static_cast<double>(steps_seen_), date,
                     system::duration_text(*left));
}

}  // namespace reconproof::baseline
