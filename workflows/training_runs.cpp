// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/training_runs.h"

#include <fmt/core.h>

#include <random>

#include "system/build_info.h"
#include "system/files.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using checks::Facts;
using checks::TrainingReplays;
using checks::TrainingRun;
using submission::Step;

namespace {

constexpr int64_t kLargestShift = 1000000;  // of a seed

/// Why no training can be run here; empty when they can.
std::string obstacle(const Facts& facts, const TrainingRunsOptions& options) {
  const std::string& refused = system::probe_sandbox().refused_reason;
  if (!refused.empty()) return "a training is only repeated in a sandbox: " + refused;
  if (facts.project.train.empty() || options.train.empty())
    return "reconproof.toml declares no [data] train";
  for (const fs::path& folder : {options.train, options.val}) {
    if (!folder.empty() && !system::is_folder(folder))
      return fmt::format("the training data are not here: {}", folder.string());
  }
  return "";
}

class TrainingRuns {
 public:
  TrainingRuns(Facts& facts, const TrainingRunsOptions& options, RunProgress& progress)
      : facts_(facts), progress_(progress), other_seed_(options.other_seed) {
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

  TrainingReplays replays_of(const Step& step) {
    TrainingReplays replays;
    replays.name = step.name;
    replays.updates = run_.updates;
    progress_.expect(2 + other_seed_);
    replays.first = once(step, "", 0);
    if (!replays.first->trained()) {
      progress_.expect(-1 - other_seed_);
      return replays;
    }
    replays.again = once(step, ", the same again", 0);
    if (!other_seed_) return replays;
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
  const bool other_seed_;
  checks::TrainingRunOptions run_;
};

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
  for (const Step& step : facts.project.train_steps)
    facts.trainings.push_back(runs.replays_of(step));
}

}  // namespace reconproof::workflows
