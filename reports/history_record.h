// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a team tried before this: the history of its runs (docs/formats/runs.md), as far as a report
// shows it. All text is a stranger's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "reports/svg_plot.h"
#include "submission/runs/run.h"

namespace reconproof::reports {

struct TriedRun {
  std::string id, kind, command;
  std::string begun;  // "2026-08-20 09:00", UTC
  submission::Outcome outcome = submission::Outcome::kRunning;
  std::optional<int64_t> exit_code, signal;
  std::optional<double> wall_s, best_val_loss;
  std::optional<int64_t> peak_memory_bytes, peak_gpu_memory_bytes;
  int64_t epochs_done = 0, epochs = 0;
  std::string message;                // why it failed, where that is known
  std::vector<std::string> warnings;  // given while it ran
  std::vector<PlotPoint> validation;  // (epoch, loss); of the best ones alone
};

struct Lesson {
  std::string run, text, author, day;
};

struct HistoryRecord {
  bool exists = false;
  int64_t runs = 0;              // trainings, reconstructions and whatever `run` recorded
  int64_t other_runs = 0;        // checks, scores, packs, ...
  std::vector<TriedRun> failed;  // what came to no end, or a bad one: the longest first
  std::vector<TriedRun> worked;  // the lowest loss first, then the newest
  int64_t failed_more = 0, worked_more = 0;  // that are not listed
  std::vector<Lesson> lessons;               // newest first
  std::vector<std::string> persons;          // who ran those that are listed, by name
};

/// Of the project at `root`. Reads only; `exists` is false where nothing was recorded.
HistoryRecord read_history(const std::filesystem::path& root);

}  // namespace reconproof::reports
