// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/history_record.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <string_view>

#include "submission/detect/shell_words.h"
#include "submission/runs/history.h"
#include "system/date.h"

namespace reconproof::reports {
namespace {

namespace fs = std::filesystem;
using submission::History;
using submission::Outcome;
using submission::Run;

constexpr size_t kMostRuns = 20;   // listed of each sort
constexpr size_t kMostCurves = 3;  // of the best trainings: more are not told apart
constexpr size_t kMostLessons = 40;

/// Attempts, not what is done with their results.
bool is_attempt(const Run& run) {
  constexpr std::array<std::string_view, 4> kAttempts = {"run", "train", "reconstruct", "import"};
  return std::ranges::find(kAttempts, run.kind) != kAttempts.end();
}

std::string minute_text(int64_t us) {
  std::string text = system::utc_text(us).substr(0, 16);
  text[10] = ' ';
  return text;
}

TriedRun tried(const Run& run) {
  TriedRun one;
  one.id = run.id;
  one.kind = run.kind;
  one.command = submission::shell_line(run.command);
  one.begun = minute_text(run.begun_us);
  one.outcome = run.outcome;
  one.exit_code = run.exit_code;
  one.signal = run.signal;
  one.wall_s = run.wall_s;
  one.best_val_loss = run.best_val_loss;
  one.peak_memory_bytes = run.peak_memory_bytes;
  one.peak_gpu_memory_bytes = run.peak_gpu_memory_bytes;
  one.epochs_done = run.epochs_done;
  one.epochs = run.epochs;
  one.message = run.message;
  one.warnings = run.warnings;
  return one;
}

std::vector<PlotPoint> validation_of(const Run& run) {
  std::vector<PlotPoint> points;
  for (const submission::CurvePoint& point : run.points) {
    const double x = static_cast<double>(point.epoch);
    if (!point.epoch_end || !point.val_loss) continue;
    // An epoch that was taken again after an interruption replaces the one that was cut off.
    while (!points.empty() && points.back().x >= x) points.pop_back();
    points.push_back({x, *point.val_loss});
  }
  return points;
}

/// Keeps the first ones; says how many are left out.
int64_t cut(std::vector<Run>& runs) {
  const int64_t more = std::max<int64_t>(0, std::ssize(runs) - static_cast<int64_t>(kMostRuns));
  runs.resize(runs.size() - static_cast<size_t>(more));
  return more;
}

/// `rows` as a list brings them, without what they are asked for here.
std::vector<TriedRun> with_details(History& history, const std::vector<Run>& rows,
                                   std::set<std::string>& persons) {
  std::vector<TriedRun> runs;
  size_t curves = 0;
  for (const Run& row : rows) {
    const Run run = history.load(row.id);
    runs.push_back(tried(run));
    if (!run.person.empty()) persons.insert(run.person);
    if (run.outcome != Outcome::kSucceeded || curves == kMostCurves) continue;
    runs.back().validation = validation_of(run);
    curves += runs.back().validation.size() > 1;
  }
  return runs;
}

void take_lessons(History& history, const std::vector<Run>& all, HistoryRecord& record) {
  std::vector<std::pair<int64_t, Lesson>> lessons;
  for (const Run& row : all) {
    if (row.notes.empty()) continue;  // a list brings the last lesson, where there is one
    for (const submission::RunNote& note : history.load(row.id).notes) {
      if (note.kind != "lesson") continue;
      lessons.emplace_back(
          note.written_us,
          Lesson{row.id, note.text, note.author, system::utc_text(note.written_us).substr(0, 10)});
    }
  }
  std::ranges::stable_sort(lessons, std::greater{}, &std::pair<int64_t, Lesson>::first);
  for (auto& [_, lesson] : lessons)
    if (record.lessons.size() < kMostLessons) record.lessons.push_back(std::move(lesson));
}

}  // namespace

HistoryRecord read_history(const fs::path& root) {
  HistoryRecord record;
  std::error_code ignored;
  if (!fs::exists(History::file_below(root), ignored)) return record;
  record.exists = true;
  History history(root, History::Mode::kRead);
  const std::vector<Run> all = history.list({});
  std::vector<Run> failed, worked;
  for (const Run& run : all) {
    if (!is_attempt(run)) {
      ++record.other_runs;
      continue;
    }
    ++record.runs;
    if (run.outcome == Outcome::kSucceeded)
      worked.push_back(run);
    else if (run.outcome != Outcome::kRunning)
      failed.push_back(run);
  }
  std::ranges::stable_sort(failed, std::greater{},
                           [](const Run& run) { return run.wall_s.value_or(0); });
  std::ranges::stable_sort(worked, {}, [](const Run& run) {
    return run.best_val_loss.value_or(std::numeric_limits<double>::infinity());
  });
  record.failed_more = cut(failed);
  record.worked_more = cut(worked);
  std::set<std::string> persons;
  record.failed = with_details(history, failed, persons);
  record.worked = with_details(history, worked, persons);
  record.persons.assign(persons.begin(), persons.end());
  take_lessons(history, all, record);
  return record;
}

}  // namespace reconproof::reports
