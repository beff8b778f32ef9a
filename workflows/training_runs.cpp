// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/training_runs.h"

#include <fmt/core.h>

#include <random>

#include "checks/training/divergence.h"
#include "system/build_info.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using checks::Facts;
using checks::TrainingReplays;
using checks::TrainingRun;
using nlohmann::json;
using submission::Step;

namespace {

constexpr int64_t kLargestShift = 1000000;  // of a seed

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

/// Why no training can be run here; empty when they can.
std::string obstacle(const Facts& facts, const TrainingRunsOptions& options) {
  const std::string& refused = system::probe_sandbox().refused_reason;
  if (!refused.empty()) return "a training is only repeated in a sandbox: " + refused;
  if (facts.project.train.empty() || options.train.empty())
    return "reconproof.toml declares no [data] train";
  for (const fs::path& folder : {options.train, options.val}) {
    if (!folder.empty() && !is_folder(folder))
      return fmt::format("the training data are not here: {}", folder.string());
  }
  return "";
}

class TrainingRuns {
 public:
  TrainingRuns(Facts& facts, const TrainingRunsOptions& options, RunProgress& progress)
      : facts_(facts), progress_(progress) {
    run_.train = options.train;
    run_.val = options.val;
    run_.leaderboard = options.leaderboard;
    run_.updates = options.updates;
    run_.timeout_s = options.timeout_s;
    run_.limits = options.limits;
    run_.runtime_folders = {system::build_info().libtorch_folders.begin(),
                            system::build_info().libtorch_folders.end()};
    run_.on_output = [this](std::string_view piece) { progress_.output(piece); };
    if (!facts.host.gpus.empty()) return;
    if (!facts.cpu_adapter)
      facts.cpu_adapter = std::make_shared<checks::PythonFolder>(checks::kCpuAdapter);
    run_.python_adapters = {facts.cpu_adapter->path()};
  }

  TrainingReplays thrice(const Step& step) {
    TrainingReplays replays;
    replays.name = step.name;
    replays.updates = run_.updates;
    progress_.expect(3);
    replays.first = once(step, "", 0);
    if (!replays.first->trained()) {
      progress_.expect(-2);
      return replays;
    }
    replays.again = once(step, ", the same again", 0);
    // Not to be foreseen by a submission.
    std::random_device random;
    const int64_t shift = std::uniform_int_distribution<int64_t>(1, kLargestShift)(random);
    replays.other = once(step, ", another seed", shift);
    return replays;
  }

 private:
  TrainingRun once(const Step& step, const std::string& how, int64_t seed_shift) {
    run_.seed_shift = seed_shift;
    const std::string name = step.name.empty() ? "" : " " + step.name;
    progress_.begin(fmt::format("{} training steps{}{}", run_.updates, name, how), run_.timeout_s);
    TrainingRun run = checks::training_run(facts_.project, step, facts_.edition, run_);
    progress_.end();
    return run;
  }

  Facts& facts_;
  RunProgress& progress_;
  checks::TrainingRunOptions run_;
};

json run_json(const std::optional<TrainingRun>& run) {
  if (!run) return {};
  json attempts = json::array(), processes = json::array();
  for (const system::Attempt& attempt : run->run.attempts) {
    attempts.push_back(
        {{"kind", attempt.kind}, {"detail", attempt.detail}, {"count", attempt.count}});
  }
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
  return {{"trained", run->trained()},
          {"seed_shift", run->seed_shift},
          {"isolated", run->run.isolated},
          {"observed", run->run.observed},
          {"not_run", run->run.not_run},
          {"exit_code", run->run.exit_code},
          {"signal", run->run.signal},
          {"timed_out", run->run.timed_out},
          {"stopped", run->run.stopped},
          {"wall_s", run->run.wall_s},
          {"attempts", attempts},
          {"asked", run->watched.asked},
          {"log_lines", run->log.steps.size()},
          {"processes", processes}};
}

}  // namespace

void repeat_trainings(Facts& facts, const TrainingRunsOptions& options, RunProgress& progress) {
  if (options.updates == 0) {
    facts.trainings_absent_reason = "left out by --training-steps 0";
    return;
  }
  if (facts.project.train_steps.empty()) {
    facts.trainings_absent_reason =
        "reconproof.toml declares no [steps.train]; declare the command that trains";
    return;
  }
  const std::string why = obstacle(facts, options);
  if (!why.empty()) {
    facts.trainings_absent_reason = why;
    return;
  }
  TrainingRuns runs(facts, options, progress);
  for (const Step& step : facts.project.train_steps) facts.trainings.push_back(runs.thrice(step));
}

json trainings_json(const Facts& facts) {
  json list = json::array();
  for (const TrainingReplays& training : facts.trainings) {
    json comparison;
    if (training.first && training.again && training.first->is_watched() &&
        training.again->is_watched()) {
      comparison =
          checks::to_json(checks::compare_series(training.first->watched.trainings[0].series,
                                                 training.again->watched.trainings[0].series));
    }
    list.push_back({{"name", training.name},
                    {"updates", training.updates},
                    {"first", run_json(training.first)},
                    {"again", run_json(training.again)},
                    {"other_seed", run_json(training.other)},
                    {"comparison", comparison}});
  }
  return list;
}

}  // namespace reconproof::workflows
