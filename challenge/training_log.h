// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What the official trainers print, the same in every edition since 2021:
//
//   Epoch = [  0/  5] Iter = [   0/ 100] Loss = 0.4123 Time = 0.5210s
//   Epoch = [   0/   5] TrainLoss = 0.1613 ValLoss = 0.06217 TrainTime = 52.0871s ValTime = 4.1042s
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace reconproof::challenge {

struct TrainingLogLine {
  enum class Kind { kStep, kEpochEnd };
  Kind kind = Kind::kStep;
  int64_t epoch = 0;   // from 0
  int64_t epochs = 0;  // that were asked for
  // Of a step.
  int64_t iteration = 0;         // from 0
  int64_t iterations = 0;        // of an epoch
  std::optional<double> loss;    // absent: not a finite number
  std::optional<double> time_s;  // since the line before
  // Of an epoch's end.
  std::optional<double> train_loss, val_loss;
  std::optional<double> train_time_s, val_time_s;

  bool not_finite = false;  // a loss is NaN or infinite
  int digits = 0;           // significant digits of the losses: the most that any has
};

/// Looks for such a line anywhere in `line`, since others may have printed before it (a progress
/// bar). Absent for every other line, also where a count is negative or beyond 10^9.
std::optional<TrainingLogLine> parse_training_log_line(std::string_view line);

/// Finds the lines in what a program prints, piece by piece. They end with \n or \r; those of more
/// than 1,000 bytes are passed over.
class TrainingLogReader {
 public:
  using Found = std::function<void(const TrainingLogLine&)>;
  explicit TrainingLogReader(Found found) : found_(std::move(found)) {}

  void add(std::string_view bytes);
  /// The last line need not end.
  void finish();

 private:
  void take(std::string_view line);

  Found found_;
  std::string begun_;  // of a line whose end has not come yet
};

}  // namespace reconproof::challenge
