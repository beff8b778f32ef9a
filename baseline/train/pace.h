// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace reconproof::baseline {

/// When a training will end, from how long its steps and validations have taken so far.
class Pace {
 public:
  /// `steps` optimizer steps an epoch, `epochs` in all.
  Pace(int64_t steps, int64_t epochs) : steps_(steps), epochs_(epochs) {}

  void step_took(double seconds) { step_seconds_ += seconds, ++steps_seen_; }
  void validation_took(double seconds) { validation_seconds_ += seconds, ++validations_seen_; }

  /// Seconds left after `epoch` whole epochs and `position` steps of the next; nullopt before the
  /// first step. Validations count once one was seen.
  std::optional<double> seconds_left(int64_t epoch, int64_t position) const;

  /// "1.93 s a step; training ends 2026-11-24 22:10 (8 h 02 min left)"; `now` is the time of day
  /// (local time zone). Empty before the first step.
  std::string text(int64_t epoch, int64_t position, int64_t now) const;

 private:
  int64_t steps_, epochs_;
  double step_seconds_ = 0, validation_seconds_ = 0;
  int64_t steps_seen_ = 0, validations_seen_ = 0;
};

}  // namespace reconproof::baseline
