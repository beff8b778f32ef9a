// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What was tried, what failed and why: the runs that cost most first, then those that worked.
#include <algorithm>

#include "reports/sections/sections.h"
#include "system/terminal.h"

namespace reconproof::reports {
namespace {

using submission::Outcome;

Value outcome_cell_of(const TriedRun& run, const Texts& texts) {
  Value value{texts(std::string("outcome_") + submission::outcome_text(run.outcome))};
  value.tone = run.outcome == Outcome::kSucceeded ? Tone::kPass : Tone::kWarned;
  return value;
}

/// Of what is known the nearest to a cause.
std::string why(const TriedRun& run, const Texts& texts) {
  if (!run.message.empty()) return shown(run.message);
  if (!run.warnings.empty()) return shown(run.warnings.back());
  if (run.signal) return texts.fill("run_signal", {{"n", count_text(*run.signal)}});
  if (run.exit_code.value_or(0) != 0)
    return texts.fill("history_exit_code", {{"n", count_text(*run.exit_code)}});
  return "";
}

std::string lesson_of(const HistoryRecord& history, const TriedRun& run) {
  const auto found = std::ranges::find(history.lessons, run.id, &Lesson::run);
  return found == history.lessons.end() ? "" : shown(found->text);
}

Value run_cell(const TriedRun& run) {
  return {shown(submission::short_id(run.id)), run.begun, true};
}

Value loss_cell(const TriedRun& run, const Texts& texts) {
  if (!run.best_val_loss) return absent(texts);
  Value value{number_text(*run.best_val_loss)};
  if (run.epochs_done > 0) {
    value.detail = run.epochs > 0
                       ? texts.fill("history_epochs", {{"done", count_text(run.epochs_done)},
                                                       {"all", count_text(run.epochs)}})
                       : count_text(run.epochs_done);
  }
  return value;
}

std::vector<Value> run_cells(const HistoryRecord& history, const TriedRun& run,
                             const Texts& texts) {
  const bool failed = run.outcome != Outcome::kSucceeded;
  std::vector<Value> cells = {
      run_cell(run),
      {shown(run.command), "", true},
      outcome_cell_of(run, texts),
      run.wall_s ? Value{system::duration_text(*run.wall_s)} : absent(texts),
      loss_cell(run, texts)};
  if (failed) cells.push_back(text_cell(why(run, texts), texts));
  cells.push_back(text_cell(lesson_of(history, run), texts));
  return cells;
}

void add_runs(Section& section, const HistoryRecord& history, const std::vector<TriedRun>& runs,
              int64_t more, bool failed, const Texts& texts) {
  if (runs.empty()) return;
  section.blocks.push_back(Heading{texts(failed ? "history_failed" : "history_worked")});
  Table table{texts(failed ? "history_failed_caption" : "history_worked_caption"),
              {{texts("history_run")},
               {texts("run_command")},
               {texts("history_outcome")},
               {texts("history_duration"), true},
               {texts("history_best"), true}},
              {}};
  if (failed) table.columns.push_back({texts("history_why")});
  table.columns.push_back({texts("history_lesson")});
  for (const TriedRun& run : runs) table.rows.push_back(run_cells(history, run, texts));
  section.blocks.push_back(std::move(table));
  if (more > 0) section.blocks.push_back(Paragraph{texts.count("history_more", more)});
}

void add_lessons(Section& section, const HistoryRecord& history, const Texts& texts) {
  if (history.lessons.empty()) return add_note(section, texts("history_no_lessons"));
  section.blocks.push_back(Heading{texts("history_lessons")});
  Items items;
  for (const Lesson& lesson : history.lessons) {
    items.items.push_back(
        texts.fill(lesson.author.empty() ? "history_lesson_line" : "history_lesson_line_by",
                   {{"text", shown(lesson.text)},
                    {"run", shown(submission::short_id(lesson.run))},
                    {"day", lesson.day},
                    {"author", shown(lesson.author)}}));
  }
  section.blocks.push_back(std::move(items));
}

/// The best trainings beside each other.
void add_curves(Section& section, const HistoryRecord& history, const Texts& texts) {
  Plot plot;
  for (const TriedRun& run : history.worked) {
    if (run.validation.size() < 2) continue;
    const int style = static_cast<int>(plot.series.size());
    plot.series.push_back({shown(submission::short_id(run.id)), run.validation, style > 0, style});
  }
  if (plot.series.size() < 2) return;  // one alone stands in the section on training
  plot.title = texts("history_plot_title");
  plot.description =
      texts.fill("history_plot_description", {{"n", count_text(std::ssize(plot.series))}});
  plot.x_label = texts("training_epoch");
  plot.y_label = texts("training_series_validation");
  plot.y_label_logarithmic = texts("history_loss_logarithmic");
  plot.nothing = texts("training_nothing");
  section.blocks.push_back(Chart{std::move(plot), texts("history_plot_caption")});
}

}  // namespace

Section history_section(const Report& report, const Texts& texts) {
  Section section = begin_section("history", texts);
  const HistoryRecord& history = report.history;
  if (!history.exists || history.runs == 0) {
    add_note(section, texts(report.bundle ? "history_not_bundled" : "history_none"));
    return section;
  }
  section.blocks.push_back(Paragraph{texts.fill(
      "history_intro", {{"runs", count_text(history.runs)},
                        {"failed", count_text(std::ssize(history.failed) + history.failed_more)},
                        {"others", count_text(history.other_runs)}})});
  add_runs(section, history, history.failed, history.failed_more, true, texts);
  add_runs(section, history, history.worked, history.worked_more, false, texts);
  add_curves(section, history, texts);
  add_lessons(section, history, texts);
  return section;
}

}  // namespace reconproof::reports
