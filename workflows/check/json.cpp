// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/check/json.h"

#include "challenge/score/text.h"
#include "checks/measure/slice_times.h"
#include "checks/training/divergence.h"
#include "system/files.h"
#include "system/sha256.h"
#include "workflows/provenance.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using checks::Facts;
using checks::TrainingReplays;
using checks::TrainingRun;
using nlohmann::json;

namespace {

json to_json(const system::GpuUse& use) {
  const auto told = [](int64_t bytes) { return bytes > 0 ? json(bytes) : json(); };
  return {{"measured", use.measured},
          {"reason", use.reason},
          {"bound", "lower: sampled"},
          {"peak_tree_bytes", use.peak_tree_bytes},
          {"peak_device_delta_bytes", use.peak_device_delta_bytes},
          {"per_process_visible", use.per_process_visible},
          {"samples", use.samples},
          {"interval_ms", use.interval_ms},
          {"sampling_cpu_s", use.sampling_cpu_s},
          {"enforced_limit_bytes", told(use.enforced_limit_bytes)},
          {"unenforced_reason", use.unenforced_reason},
          {"child_peak_reserved_bytes", told(use.child_peak_reserved_bytes)},
          {"child_peak_allocated_bytes", told(use.child_peak_allocated_bytes)},
          {"foreign", use.foreign},
          {"device", use.device},
          {"total_bytes", use.total_bytes},
          {"driver", use.driver}};
}

/// What is told of every run.
json course_json(const checks::WholeRunResult& run) {
  json attempts = json::array();
  for (const system::Attempt& attempt : run.attempts) {
    attempts.push_back(
        {{"kind", attempt.kind}, {"detail", attempt.detail}, {"count", attempt.count}});
  }
  return {{"isolated", run.isolated},   {"observed", run.observed}, {"not_run", run.not_run},
          {"exit_code", run.exit_code}, {"signal", run.signal},     {"timed_out", run.timed_out},
          {"stopped", run.stopped},     {"wall_s", run.wall_s},     {"attempts", attempts}};
}

}  // namespace

json run_json(const checks::WholeRunResult& run) {
  json told = course_json(run);
  told.update({{"refused_reason", run.refused_reason},
               {"unobserved_reason", run.unobserved_reason},
               {"limits_by", run.limits_by},
               {"peak_rss_bytes", run.peak_rss_bytes},
               {"peak_cgroup_bytes", run.peak_cgroup_bytes},
               {"cpu_s", run.cpu_s},
               {"gpu", to_json(run.gpu)}});
  return told;
}

namespace {

json slices_json(const Facts& facts) {
  if (!facts.slices) return {};
  const auto side = [](const std::vector<checks::VolumeTimes>& volumes) -> json {
    return {{"statistics", checks::to_json(checks::statistics(volumes))},
            {"volumes", checks::to_json(volumes)}};
  };
  return {{"official", side(facts.slices->official)},
          {"hardened", side(facts.slices->hardened)},
          {"held_by", facts.slices->held_by},
          {"busy_cores", facts.slices->busy_cores},
          {"spread_percent", facts.slices->spread_percent}};
}

json resumed_json(const Facts& facts) {
  json list = json::array();
  for (const checks::ResumedRun& run : facts.resumed)
    list.push_back({{"run", run.name}, {"ended", run.ended}});
  return list;
}

json to_json(const checks::Prediction& prediction) {
  return {{"value", prediction.value},
          {"low", prediction.low},
          {"high", prediction.high},
          {"unit", prediction.unit},
          {"device", prediction.there.device},
          {"certainty", prediction.certainty},
          {"baseline_ms_per_slice_there", prediction.there.ms_per_slice},
          {"baseline_ms_per_slice_here", prediction.here.ms_per_slice},
          {"device_here", prediction.here.device}};
}

/// The reconstructions that were judged as the hand-in, so that `pack` can tell that they are still
/// the same.
json handed_in_json(const Facts& facts) {
  json files = json::array();
  if (!facts.handed_in) return files;
  const fs::path folder = facts.project.host(facts.project.reconstruct_step->outputs);
  for (const fs::path& file : system::files_below(folder)) {
    files.push_back(file_json(folder / file, file.string()));
  }
  return files;
}

json training_run_json(const std::optional<TrainingRun>& run) {
  if (!run) return {};
  json processes = json::array();
  for (const checks::WatchedTraining& training : run->watched.trainings) {
    json seeds = json::array();
    for (const auto& [name, seed] : training.seeds) seeds.push_back({name, seed});
    processes.push_back({{"updates", training.updates()},
                         {"initial_weights_sha256", training.series.weights.front().sha256},
                         {"weights_sha256", training.series.weights.back().sha256},
                         {"seeds", seeds},
                         {"torch", training.torch},
                         {"device", training.device},
                         {"threads", training.threads}});
  }
  json told = course_json(run->run);
  told.update({{"trained", run->trained()},
               {"seed_shift", run->seed_shift},
               {"asked", run->watched.asked},
               {"log_lines", run->log.steps.size()},
               {"processes", processes}});
  return told;
}

}  // namespace

json trainings_json(const Facts& facts) {
  json list = json::array();
  for (const TrainingReplays& training : facts.trainings) {
    json comparison;
    if (training.first && training.again && training.first->is_watched() &&
        training.again->is_watched()) {
      comparison =
          checks::to_json(checks::compare_series(training.first->watched.trainings[0].series,
                                                 training.again->watched.trainings[0].series));
    } else if (training.first && training.again && !training.first->log.steps.empty() &&
               !training.again->log.steps.empty()) {
      comparison =
          checks::to_json(checks::compare_series(training.first->log, training.again->log));
    }
    list.push_back({{"name", training.name},
                    {"updates", training.updates},
                    {"first", training_run_json(training.first)},
                    {"again", training_run_json(training.again)},
                    {"other_seed", training_run_json(training.other)},
                    {"comparison", comparison}});
  }
  return list;
}

json file_json(const fs::path& path, const std::string& name) {
  const std::string hash = system::sha256_file(path);  // says what is wrong when it cannot be read
  std::error_code ignored;
  return {{"path", name}, {"bytes", fs::file_size(path, ignored)}, {"sha256", hash}};
}

json outcome_json(const CheckOutcome& outcome) {
  const Facts& facts = outcome.facts;
  json findings = json::array();
  for (const challenge::Finding& finding : outcome.findings)
    findings.push_back(challenge::to_json(finding));
  json environment = environment_json(facts.host);
  const checks::PythonPackages& told =
      facts.repeat ? facts.repeat->python : checks::PythonPackages{};
  environment["python"] = told.python.empty() ? json() : json(told.python);
  environment["packages"] = told.packages;
  return {{"schema", "reconproof.check"},
          {"schema_version", 1},
          {"project", facts.project.name},
          {"edition", facts.edition.id},
          {"ruleset", facts.edition.ruleset()},
          {"exit_code", static_cast<int>(outcome.exit_code)},
          {"environment", environment},
          {"build", build_json()},
          {"commands", {{"reconstruct", facts.project.reconstruct_step->command}}},
          {"only", outcome.selection.only},
          {"skip", outcome.selection.skip},
          {"run", outcome.steps & checks::kRun ? run_json(facts.run) : json()},
          {"resumed", resumed_json(facts)},
          {"slices", slices_json(facts)},
          {"trainings", trainings_json(facts)},
          {"prediction", facts.prediction ? to_json(*facts.prediction) : json()},
          {"unpredicted_reason", facts.unpredicted_reason},
          {"cpu_adapter", facts.cpu_adapter != nullptr},
          {"score", facts.score ? challenge::to_json(*facts.score) : json()},
          {"handed_in", handed_in_json(facts)},
          {"findings", findings}};
}

}  // namespace reconproof::workflows
