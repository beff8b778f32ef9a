// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Follows a training by its log: when it will end, and what is worth a warning. All times are
// seconds since the run began.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "submission/runs/run.h"

namespace reconproof::workflows {

struct TrainingForecast {
  int64_t epochs_done = 0, epochs = 0;
  double epoch_s = 0;   // a whole one, with validation and whatever is written
  double finish_s = 0;  // end of the last epoch
  /// Before the first epoch has ended nobody knows how long the validation takes: a lower bound.
  bool without_validation = false;
};

class TrainingWatch {
 public:
  /// `deadline_s`: when the result has to be there.
  explicit TrainingWatch(std::optional<double> deadline_s = std::nullopt)
      : deadline_s_(deadline_s) {}

  /// The next line of the log.
  void add(const submission::CurvePoint& point);
  /// Nothing before the second line, or where the log does not say how many epochs there are.
  std::optional<TrainingForecast> forecast(double now_s) const;
  /// What has become true since the last call and is worth a warning; each kind once. One line
  /// each.
  std::vector<std::string> warnings(double now_s);

 private:
  struct EpochEnd {
    int64_t epoch = 0;
    double at_s = 0, length_s = 0;
  };

  void add_epoch(const submission::CurvePoint& point);
  std::string deadline_warning(double now_s);
  std::string silence_warning(double now_s) const;
  double usual_epoch_s() const;

  std::optional<double> deadline_s_;
  std::optional<submission::CurvePoint> first_, last_;  // lines of the epoch that is under way
  std::vector<EpochEnd> ends_;
  int64_t epochs_ = 0, lines_ = 0;
  double last_line_s_ = 0, longest_gap_s_ = 0;
  std::optional<double> best_val_loss_;
  int64_t best_epoch_ = 0, latest_epoch_ = 0;
  std::string not_finite_;
  bool told_not_finite_ = false, told_deadline_ = false, told_silence_ = false,
       told_no_progress_ = false;
};

/// "epoch 3 of 25, 41 min 10 s each; ends about 2026-08-20 18:40, in 2 h 10 min".
std::string forecast_text(const TrainingForecast& forecast, double now_s, int64_t begun_us);

}  // namespace reconproof::workflows
