// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/training/training_run.h"

#include <algorithm>
#include <array>

#include "challenge/dataset/folder.h"
#include "checks/determinism/official_log.h"
#include "checks/measure/command_run.h"
#include "checks/training/own_ledger.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::checks {

namespace fs = std::filesystem;
using submission::Project;
using submission::Step;
using system::Code;
using system::fail;

namespace {

constexpr const char* kLedgerFolder = "/reconproof/ledger";
constexpr const char* kUsualOutputs = "../result";
constexpr size_t kMostOutput = 1 << 20;  // that is looked through for lines of the official trainer

std::string table_of(const Step& step) {
  return step.name.empty() ? "[steps.train]" : fmt::format("[[steps.train]] {}", step.name);
}

/// The lines of the official trainer in what a command printed so far.
class Log {
 public:
  void add(std::string_view piece) {
    if (text_.size() < kMostOutput) text_.append(piece.substr(0, kMostOutput - text_.size()));
    if (piece.find("Iter") != std::string_view::npos) series_ = parsed();
  }
  const StepSeries& series() const { return series_; }
  StepSeries parsed() const {
    try {
      return parse_official_log(text_, "output");
    } catch (const system::Error&) {
      return {};  // it prints other lines
    }
  }

 private:
  std::string text_;
  StepSeries series_;
};

/// What the command is not shown: what it made before, and all data, which have places of their
/// own.
std::vector<fs::path> hidden_from_training(const Job& job, const fs::path& leaderboard) {
  std::vector<fs::path> hidden = hidden_paths(job);
  hidden.push_back(leaderboard);
  if (const auto& reconstruct = job.project.reconstruct_step) {
    for (const std::string& declared : {reconstruct->weights, reconstruct->outputs}) {
      if (!declared.empty()) hidden.push_back(job.project.host(declared));
    }
  }
  return hidden;
}

/// k-space and images of a folder, at the place where the command looks for them.
void show_training_data(const Job& job, const std::string& declared, const fs::path& host,
                        system::SandboxSpec& spec) {
  if (declared.empty() || host.empty()) return;
  for (const char* part : {challenge::kKspaceFolder, challenge::kImageFolder}) {
    if (system::is_folder(host / part)) show_flat(host / part, job.place(declared) / part, spec);
  }
  spec.write_prefixes.push_back(job.place(declared).string());
  spec.env["RECONPROOF_TRAINING_DATA"] += job.place(declared).string() + "/:";
}

void watch_leaderboard(const Job& job, const fs::path& leaderboard, system::SandboxSpec& spec) {
  std::vector<fs::path> places = {resolved_path(leaderboard)};
  if (!job.project.leaderboard.empty()) {
    places.push_back(job.place(job.project.leaderboard));
    places.push_back(job.project.host(job.project.leaderboard));
  }
  for (const fs::path& place : places) {
    const bool holds_training =
        std::ranges::any_of(std::array{job.project.train, job.project.val}, [&](const auto& data) {
          return !data.empty() && system::is_below(job.place(data), without_slash(place));
        });
    if (!holds_training) spec.watch_prefixes.push_back(place.lexically_normal().string());
    for (const challenge::Cell& cell : job.edition.cells) {
      if (holds_training && !cell.folder.empty())
        spec.watch_prefixes.push_back((place / cell.folder).lexically_normal().string());
    }
  }
}

void check_places(const Job& job) {
  check_place(job.table + " outputs", job.place(job.step.outputs));
  for (const auto& [name, declared] :
       {std::pair{"train", job.project.train}, {"val", job.project.val}}) {
    if (declared.empty()) continue;
    check_place(fmt::format("[data] {}", name), job.place(declared));
    if (!overlaps(job.place(declared), job.place(job.step.outputs))) continue;
    fail(Code::kInvalidArgument, "{}: {} outputs and [data] {} lie in each other",
         submission::kProjectFile, job.table, name);
  }
  check_read_only(job);
}

/// Writable folders of a run, below one that the next harness knows as ours if we are killed.
struct RunFolders {
  RunFolders() {
    system::make_folders(outputs());
    system::make_folders(ledger());
  }
  fs::path outputs() const { return folder.path() / "outputs"; }
  fs::path ledger() const { return folder.path() / "ledger"; }

  system::TemporaryFolder folder;
};

system::SandboxSpec training_spec(const Job& job, const TrainingRunOptions& options,
                                  const RunFolders& folders) {
  system::SandboxSpec spec;
  begin_command(job, hidden_from_training(job, options.leaderboard), spec);
  spec.env.try_emplace("PYTHONUNBUFFERED", "1");
  spec.env.try_emplace("WANDB_MODE", "offline");  // logging is no download
  spec.env["RECONPROOF_TRAINING_LEDGER"] = kLedgerFolder;
  spec.env["RECONPROOF_TRAINING_STEPS"] = fmt::format("{}", options.updates);
  if (options.seed_shift) spec.env["RECONPROOF_SEED_SHIFT"] = fmt::format("{}", options.seed_shift);
  show_training_data(job, job.project.train, options.train, spec);
  show_training_data(job, job.project.val, options.val, spec);
  watch_leaderboard(job, options.leaderboard, spec);
  spec.mounts.push_back({folders.outputs(), job.place(job.step.outputs), true});
  spec.mounts.push_back({folders.ledger(), kLedgerFolder, true});
  finish_command(job, spec);
  return spec;
}

bool has_ledger(const fs::path& folder) {
  std::error_code error;
  return fs::directory_iterator(folder, error) != fs::directory_iterator();
}

}  // namespace

bool TrainingRun::trained() const {
  if (!watched.fault.empty() || !watched.altered.empty()) return false;
  if (own_ended) return true;
  const bool ended = run.ok() && (is_watched() || !log.steps.empty());
  return ended || std::ranges::any_of(watched.trainings, &WatchedTraining::stopped);
}

TrainingRun training_run(const Project& project, const Step& declared,
                         const challenge::Edition& edition, const TrainingRunOptions& options) {
  Step step = declared;
  if (step.outputs.empty()) step.outputs = kUsualOutputs;
  const PythonFolder ledger_writer(kTrainingLedger);
  WholeRunOptions run_options;
  run_options.data = options.leaderboard;
  run_options.timeout_s = options.timeout_s;
  run_options.python_adapters = {ledger_writer.path()};
  run_options.python_adapters.insert(run_options.python_adapters.end(),
                                     options.python_adapters.begin(),
                                     options.python_adapters.end());
  run_options.runtime_folders = options.runtime_folders;
  run_options.limits = options.limits;
  run_options.bwrap = options.bwrap;
  const Job job{project, step, edition, run_options, table_of(step)};
  check_places(job);

  TrainingRun result;
  result.seed_shift = options.seed_shift;
  const RunFolders folders;
  Log log;
  system::SandboxSpec spec = training_spec(job, options, folders);
  spec.on_output = [&](std::string_view piece) {
    log.add(piece);
    if (options.on_output) options.on_output(piece);
  };
  OwnLedgerWatch own_ledger(folders.outputs(), options.updates);
  spec.stop_when = [&]() -> std::string {
    // Where it is watched it ends by itself, before it prints that line.
    if (has_ledger(folders.ledger())) return "";
    const StepSeries& series = log.series();
    result.own_ended =
        result.own_ended || own_ledger.enough() ||
        (!series.steps.empty() && series.steps.back().iteration + 1 >= options.updates);
    return result.own_ended ? fmt::format("it has made {} steps", options.updates) : "";
  };
  const system::SandboxResult run = system::run_in_sandbox(spec);
  copy_sandbox_outcome(job, run, result.run);
  result.watched = read_watched(folders.ledger());
  if (!result.is_watched()) read_own_ledger(folders.outputs(), options.updates, result.watched);
  result.log = log.parsed();
  return result;
}

}  // namespace reconproof::checks
