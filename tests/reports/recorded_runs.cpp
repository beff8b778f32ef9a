// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "tests/reports/recorded_runs.h"

#include "submission/runs/history.h"

namespace reconproof::reports {
namespace {

using submission::History;
using submission::Outcome;
using submission::Run;

constexpr int64_t kDayUs = 86'400'000'000;
constexpr int64_t kFirstUs = 1'787'216'400'000'000;  // 2026-08-20 09:00 UTC

Run ended_run(int64_t day, const char* kind, Outcome outcome, double wall_s) {
  Run run;
  run.id = submission::random_id();
  run.kind = kind;
  run.command = {"sh", "train.sh"};
  run.begun_us = kFirstUs + day * kDayUs;
  run.ended_us = run.begun_us + static_cast<int64_t>(wall_s * 1e6);
  run.outcome = outcome;
  run.wall_s = wall_s;
  run.person = day % 2 == 0 ? "kim" : "lee";
  run.updated_us = *run.ended_us;
  return run;
}

/// Three epochs whose losses halve down to `best`.
Run training(int64_t day, double best) {
  Run run = ended_run(day, "train", Outcome::kSucceeded, 3600);
  run.exit_code = 0;
  for (int64_t epoch = 0; epoch < 3; ++epoch) {
    submission::CurvePoint point;
    point.epoch_end = true;
    point.epoch = epoch;
    point.epochs = 3;
    point.val_loss = best * static_cast<double>(4 >> epoch);
    run.points.push_back(point);
    submission::take_point(run, point);
  }
  return run;
}

}  // namespace

void record_runs(const std::filesystem::path& root) {
  Run memory = ended_run(1, "train", Outcome::kFailed, 7200);
  memory.exit_code = 1;
  memory.message = "CUDA out of memory";
  memory.notes.push_back({submission::random_id(), "lesson", "12 channels need 7.1 GiB", "lee",
                          kFirstUs + 2 * kDayUs});
  Run killed = ended_run(2, "run", Outcome::kKilled, 60);
  killed.signal = 9;
  const std::vector<Run> runs = {memory,
                                 killed,
                                 training(3, 0.25),
                                 training(4, 0.125),
                                 ended_run(5, "run", Outcome::kSucceeded, 5),
                                 ended_run(6, "check", Outcome::kFailed, 900)};
  History history(root, History::Mode::kCreate);
  history.merge(runs);
}

}  // namespace reconproof::reports
