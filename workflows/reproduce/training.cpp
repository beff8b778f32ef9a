// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/reproduce/training.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "checks/families.h"
#include "formats/ledger.h"
#include "system/terminal.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using checks::SeriesComparison;
using checks::TrainingReplays;
using checks::TrainingRun;
using nlohmann::json;

namespace {

/// What rounding makes of a loss within the first steps; beyond it is another training.
constexpr double kLossRounding = 1e-3;

checks::StepSeries first_steps(checks::StepSeries series, int64_t updates) {
  std::erase_if(series.steps, [&](const auto& step) { return step.iteration >= updates; });
  std::erase_if(series.weights, [&](const auto& weights) { return weights.iteration > updates; });
  return series;
}

/// "threads 2 in place of 4": where the training ran otherwise than its ledger says.
std::vector<std::string> elsewise(const BundledLedger& ledger,
                                  const checks::WatchedTraining& here) {
  std::vector<std::string> list;
  for (const auto& [key, now] : std::map<std::string, json>{{"torch", here.torch},
                                                            {"device", here.device},
                                                            {"threads", here.threads},
                                                            {"backend", here.backend}}) {
    const auto then = ledger.machine.find(key);
    const bool told = now.is_number() || !now.get_ref<const std::string&>().empty();
    if (told && then != ledger.machine.end() && then->second != now)
      list.push_back(fmt::format(
          "{} {} in place of {}", key, now.dump(),
          system::excerpt(then->second.dump(-1, ' ', false, json::error_handler_t::replace))));
  }
  return list;
}

Agreement agreement_of(const SeriesComparison& comparison,
                       const std::vector<std::string>& elsewhere) {
  const std::string text = checks::comparison_text(comparison);
  if (comparison.steps == 0 && comparison.equal())
    return {Tier::kInconclusive, "no step is in both", {}};
  if (comparison.equal()) return {comparison.digits ? Tier::kNumeric : Tier::kBitwise, text, {}};
  const checks::Divergence& first = *comparison.first;
  const bool rounding = first.relative && *first.relative <= kLossRounding;
  const bool weights = first.quantity == checks::Quantity::kWeights;
  if (elsewhere.empty() || !(rounding || weights)) return {Tier::kMismatch, text, {}};
  // Sums in another order: no proof of another training, and none of the same.
  return {rounding ? Tier::kNumeric : Tier::kInconclusive,
          fmt::format("{}. Rounding can do this: {}", text, fmt::join(elsewhere, ", ")),
          {}};
}

const checks::StepSeries& series_of(const TrainingRun& run) {
  return run.is_watched() ? run.watched.trainings.front().series : run.log;
}

std::pair<std::string, Agreement> compare_training(const TrainingReplays& training,
                                                   const BundledLedger& ledger) {
  const std::string name = training.name.empty() ? "training" : "training " + training.name;
  const TrainingRun& first = *training.first;
  if (!first.trained()) {
    std::string why = checks::failure_text(first.run);
    if (why.empty()) why = "it made no step that could be seen";
    return {name,
            {Tier::kInconclusive, "the training could not be repeated here: " + why,
             checks::last_lines(first.run.output_tail)}};
  }
  if (ledger.series && first.is_watched() && first.watched.trainings.front().own) {
    const checks::WatchedTraining& here = first.watched.trainings.front();
    return {name + " against its ledger",
            agreement_of(
                checks::compare_series(first_steps(*ledger.series, here.updates()), here.series),
                elsewise(ledger, here))};
  }
  if (!training.again || !training.again->trained())
    return {name, {Tier::kInconclusive, "the second training of the same kind failed", {}}};
  Agreement agreement =
      agreement_of(checks::compare_series(series_of(first), series_of(*training.again)), {});
  agreement.message += ledger.series
                           ? "; the ledger in the bundle is not of a training that keeps one itself"
                           : "; the bundle has no ledger to compare with";
  return {name + " against itself", agreement};
}

}  // namespace

BundledLedger read_bundled_ledger(const fs::path& path) {
  BundledLedger bundled;
  if (path.empty()) return bundled;
  const formats::Ledger ledger = formats::read_ledger(path);
  bundled.series = checks::series_of(ledger);
  for (const formats::LedgerEntry& entry : ledger.entries) {
    if (entry.kind != formats::kLedgerStart) continue;
    for (const char* key : formats::kLedgerSurroundings)
      if (entry.extra.contains(key)) bundled.machine[key] = entry.extra.at(key);
    break;
  }
  return bundled;
}

std::vector<std::pair<std::string, Agreement>> compare_trainings(const checks::Facts& facts,
                                                                 const BundledLedger& ledger) {
  if (facts.project.train_steps.empty())
    return {{"training", {Tier::kNotApplicable, "the bundle declares no [steps.train]", {}}}};
  if (facts.trainings.empty())
    return {{"training", {Tier::kInconclusive, facts.trainings_absent_reason, {}}}};
  // One ledger cannot be told to be of one of several trainings.
  const bool single = facts.trainings.size() == 1;
  std::vector<std::pair<std::string, Agreement>> list;
  for (const TrainingReplays& training : facts.trainings)
    list.push_back(compare_training(training, single ? ledger : BundledLedger()));
  return list;
}

}  // namespace reconproof::workflows
