// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/determinism/official_log.h"

#include <algorithm>

#include "challenge/training_log.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::checks {
namespace {

constexpr int64_t kMaxBytes = int64_t{256} << 20;

void add_step(StepSeries& series, int64_t iteration, double loss) {
  while (!series.steps.empty() && series.steps.back().iteration >= iteration)
    series.steps.pop_back();
  StepRecord step;
  step.iteration = iteration;
  step.loss = loss;
  series.steps.push_back(std::move(step));
}

void add_epoch(StepSeries& series, EpochRecord record) {
  while (!series.epochs.empty() && series.epochs.back().epoch >= record.epoch)
    series.epochs.pop_back();
  series.epochs.push_back(record);
}

void add_line(StepSeries& series, const challenge::TrainingLogLine& line) {
  if (line.kind == challenge::TrainingLogLine::Kind::kStep) {
    if (line.loss) add_step(series, line.epoch * line.iterations + line.iteration, *line.loss);
  } else if (line.train_loss) {
    EpochRecord record;
    record.epoch = line.epoch;
    record.train_loss = line.train_loss;
    record.val_loss = line.val_loss;
    add_epoch(series, record);
  }
}

}  // namespace

StepSeries parse_official_log(std::string_view text, const std::string& name) {
  StepSeries series;
  int digits = 0;
  challenge::TrainingLogReader reader([&](const challenge::TrainingLogLine& line) {
    digits = std::max(digits, line.digits);
    add_line(series, line);
  });
  reader.add(text);
  reader.finish();
  if (series.steps.empty()) {
    system::fail(system::Code::kCorrupt,
                 "{}: no line tells of a step, expected lines such as `Epoch = [  0/  5] Iter = [  "
                 " 0/ 100] Loss = 0.4123`: is it the log of the training?",
                 name);
  }
  series.digits = digits;
  return series;
}

StepSeries read_official_log(const std::filesystem::path& path) {
  return parse_official_log(system::read_file(path, kMaxBytes), path.string());
}

}  // namespace reconproof::checks
