// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What speaks for the same coming out again: reconstructions and trainings that were repeated, and
// the ledger that ties the weights to their training.
#include <algorithm>

#include "reports/sections/sections.h"

namespace reconproof::reports {
namespace {

Value outcome_cell(const TrainingRecord::Comparison& comparison, const Texts& texts) {
  Value value{texts(!comparison.equal   ? "repeat_differs"
                    : comparison.digits ? "repeat_equal_digits"
                                        : "repeat_equal")};
  value.tone = comparison.equal ? Tone::kPass : Tone::kWarned;
  return value;
}

Value first_difference_cell(const TrainingRecord::Comparison& comparison, const Texts& texts) {
  if (comparison.quantity.empty()) return absent(texts);
  Value value{texts.fill("repeat_first",
                         {{"iteration", comparison.iteration ? number_text(*comparison.iteration)
                                                             : texts("not_available")},
                          {"quantity", shown(comparison.quantity)},
                          {"a", shown(comparison.a)},
                          {"b", shown(comparison.b)}})};
  if (comparison.relative)
    value.detail =
        texts.fill("repeat_relative", {{"value", scientific_text(*comparison.relative)}});
  return value;
}

std::vector<Value> training_cells(const TrainingRecord& training, const Texts& texts) {
  std::vector<Value> cells = {
      {training.name.empty() ? texts("repeat_only_training") : shown(training.name)},
      text_cell(listed(training.seeds), texts)};
  if (!training.comparison) {
    cells.insert(cells.end(), {absent(texts), absent(texts), absent(texts)});
    return cells;
  }
  cells.push_back({count_text(training.comparison->steps)});
  cells.push_back(outcome_cell(*training.comparison, texts));
  cells.push_back(first_difference_cell(*training.comparison, texts));
  return cells;
}

void add_trainings(Section& section, const Report& report, const Texts& texts) {
  if (report.check.trainings.empty()) return add_note(section, texts("repeat_none"));
  Table table{texts("repeat_caption"),
              {{texts("repeat_training")},
               {texts("repeat_seeds")},
               {texts("repeat_steps"), true},
               {texts("repeat_outcome")},
               {texts("repeat_difference")}},
              {}};
  for (const TrainingRecord& training : report.check.trainings)
    table.rows.push_back(training_cells(training, texts));
  section.blocks.push_back(std::move(table));
}

void add_ledger(Section& section, const Report& report, const Texts& texts) {
  const LedgerFacts& ledger = report.training.ledger;
  if (!report.training.has_ledger) return add_note(section, texts("training_no_ledger"));
  FactLines facts;
  facts.add(texts("ledger_lines"), count_text(ledger.lines));
  facts.add(texts("ledger_steps"), count_text(report.training.iterations));
  facts.add(texts("ledger_ended"), texts(ledger.ended ? "yes" : "no"));
  if (ledger.resumes > 0) facts.add(texts("ledger_resumes"), count_text(ledger.resumes));
  facts.add(texts("ledger_seed"), shown(ledger.seed));
  facts.add(texts("ledger_device"), shown(ledger.device));
  facts.add(texts("ledger_torch"), shown(ledger.torch));
  facts.add(texts("ledger_initial"), shown(ledger.initial_weights), true);
  facts.add(texts("ledger_final"), shown(ledger.final_weights), true);
  facts.add(texts("ledger_head"), shown(ledger.head), true);
  facts.close(section, texts("ledger_caption"));
}

void add_images_again(Section& section, const ReproductionRecord& record, const Texts& texts) {
  if (!record.volumes) return;
  FactLines facts;
  facts.add(texts("again_volumes"), number_text(*record.volumes));
  if (record.identical_files)
    facts.add(texts("again_identical"), number_text(*record.identical_files));
  if (record.max_relative)
    facts.add(texts("again_difference"), scientific_text(*record.max_relative));
  if (record.tolerance) facts.add(texts("again_tolerance"), scientific_text(*record.tolerance));
  facts.close(section, texts("again_caption"));
}

}  // namespace

Section determinism_section(const Report& report, const Texts& texts) {
  Section section = begin_section("determinism", texts);
  add_finding_table(section, report, {"repeat.", "training.", "outputs.", "score.claimed"},
                    texts("determinism_caption"), texts);
  if (report.reproduction) add_images_again(section, *report.reproduction, texts);
  add_trainings(section, report, texts);
  add_ledger(section, report, texts);
  return section;
}

}  // namespace reconproof::reports
