// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/check/check.h"

#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "challenge/dataset/folder.h"
#include "challenge/dataset/manifest.h"
#include "challenge/score/text.h"
#include "checks/data/label_copies.h"
#include "formats/strict_json.h"
#include "system/date.h"
#include "system/error.h"
#include "system/files.h"
#include "workflows/check/findings_junit.h"
#include "workflows/check/findings_sarif.h"
#include "workflows/check/json.h"
#include "workflows/command_runs.h"
#include "workflows/run_identity.h"
#include "workflows/run_inputs.h"
#include "workflows/training_runs.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using challenge::Cell;
using challenge::Edition;
using checks::Facts;
using checks::Steps;
using nlohmann::json;
using submission::Project;
using system::Code;
using system::fail;

namespace {

constexpr const char* kRecords = "steps";  // below .reconproof/check/

void look_at_outputs(Facts& facts, const DataFolders& data, Steps steps) {
  if (!facts.run.ok()) return;
  if (steps & checks::kLabelCopies) {
    for (std::string& copy :
         checks::find_label_slices(facts.edition, data.leaderboard, facts.run.recon_folder)) {
      facts.label_copies.push_back(std::move(copy));
    }
  }
  if (steps & checks::kScore)
    facts.score = challenge::score(facts.edition, data.leaderboard, facts.run.recon_folder);
  if (!(steps & checks::kHandedIn)) return;
  const fs::path handed_in = facts.project.host(facts.project.reconstruct_step->outputs);
  const auto has = [&](const Cell& cell) { return system::is_folder(handed_in / cell.name); };
  if (std::none_of(facts.edition.cells.begin(), facts.edition.cells.end(), has)) return;
  facts.handed_in = challenge::score(facts.edition, data.leaderboard, handed_in);
  facts.handed_in_comparison =
      checks::compare_reconstructions(facts.edition, facts.run.recon_folder, handed_in);
}

void compare_slices(Facts& facts, const DataFolders& data, Steps steps) {
  std::vector<checks::DataFolder> training;
  for (const fs::path& folder : data.training)
    training.push_back({folder, folder.filename().string()});
  const bool exact = steps & checks::kOverlap, near = steps & checks::kNearDuplicates;
  checks::OverlapFinder overlap;
  checks::NearDuplicateFinder duplicates;
  checks::visit_slices(
      checks::leaderboard_folders(facts.edition, data.leaderboard), training,
      [&](const checks::VisitedSlice& slice) {
        if (exact) overlap.add_leaderboard(slice);
        if (near) duplicates.add_leaderboard(slice);
      },
      [&](const checks::VisitedSlice& slice) {
        if (exact) overlap.add_training(slice);
        if (near) duplicates.add_training(slice);
      });
  if (exact) facts.overlap = overlap.result();
  if (near) facts.near_duplicates = duplicates.find();
}

void compare_data(Facts& facts, const DataFolders& data, Steps steps) {
  for (const fs::path& folder : data.missing) {
    facts.overlap_absent_reason +=
        (facts.overlap_absent_reason.empty() ? "not there: " : ", ") + folder.string();
  }
  if (!data.training.empty()) {
    compare_slices(facts, data, steps);
  } else if (facts.overlap_absent_reason.empty()) {
    facts.overlap_absent_reason =
        "no training data here: declare [data] train and val, or give --data DIR";
  }
}

void hold_against_manifest(Facts& facts, const DataFolders& data, const CheckOptions& options) {
  if (!options.data_manifest) return;
  const challenge::ManifestIndex index =
      challenge::load_manifest(*options.data_manifest, options.public_key);
  if (data.training.empty() || !data.missing.empty()) {
    facts.manifest_absent_reason = "the training data is not here, or not all of it";
    if (data.training.empty()) return;
  }
  facts.manifest = checks::compare_with_manifest(index, data.training);
}

system::ExitCode exit_code_of(const CheckOutcome& outcome) {
  system::ExitCode code = challenge::exit_code_of(outcome.findings);
  // The score's own findings are among the outcome's, where they may be waived.
  const bool malformed = outcome.facts.score && outcome.facts.score->malformed;
  return malformed ? system::worst(code, system::ExitCode::kMalformed) : code;
}

/// check.json is the last: where it is new, the others are of the same check.
void write_results(const CheckOutcome& outcome) {
  const fs::path folder = outcome.facts.project.check_folder();
  system::write_file(folder / "check.sarif", findings_sarif(outcome));
  system::write_file(folder / "check.xml", findings_junit(outcome));
  system::write_file(folder / "check.json", formats::canonical_json(outcome.json));
}

void require_step(const Project& project) {
  const std::string file = (project.root / submission::kProjectFile).string();
  if (!project.reconstruct_step) {
    fail(Code::kCorrupt, "{}: no [steps.reconstruct]; declare the command that reconstructs", file);
  }
  const submission::Step& step = *project.reconstruct_step;
  if (step.weights.empty() || step.outputs.empty()) {
    fail(Code::kCorrupt, "{}: [steps.reconstruct] needs both weights and outputs", file);
  }
  system::open_for_reading(project.host(step.weights));
}

/// Until the descriptor is closed no other check writes into the folder. One that was killed just
/// now may still hold it: its guard has children to end.
system::Descriptor lock_folder(const fs::path& folder) {
  system::make_folders(folder);
  system::Descriptor handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!handle.valid()) system::fail_errno(Code::kIo, folder.string());
  constexpr int kTries = 20;
  for (int i = 0; i < kTries; ++i) {
    if (system::try_lock(handle)) return handle;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  fail(Code::kInvalidArgument,
       "{}: another check of this project is running; wait for it, or stop it", folder.string());
}

/// What a check that was killed left behind, but for what it had finished.
void remove_leftovers(const fs::path& folder) {
  system::remove_abandoned(folder);
  for (const fs::path& entry : system::sorted_entries(folder)) {
    std::error_code ignored;
    const bool kept = entry.filename() == "recon" || entry.filename() == kRecords;
    if (!kept && fs::is_directory(fs::symlink_status(entry, ignored)))
      fs::remove_all(entry, ignored);
  }
}

/// Every run of the command that the steps ask for; those that a check which was cut off has
/// finished are taken from its records, which are returned.
StepRecords make_runs(Facts& facts, const DataFolders& data, const std::string& weights_sha256,
                      const CheckOptions& options, Steps steps) {
  const double timeout_s = run_timeout_s(facts.edition, options.limits.timeout_s);
  const bool runs = steps & checks::kRun;
  StepRecords records(facts.project.check_folder() / kRecords,
                      runs ? run_identity({facts.project, facts.edition, facts.host,
                                           data.leaderboard, weights_sha256, timeout_s})
                           : "",
                      options.fresh);
  RunProgress progress(options.verbose);
  const challenge::Rule* memory = facts.edition.find_rule("memory.gpu");
  if (memory && !options.selection.chooses(memory->id)) memory = nullptr;
  run_command(facts,
              {data.leaderboard, timeout_s, limits_of_a_run(facts, options.limits), memory, steps},
              records, progress);
  return records;
}

void make_training_runs(Facts& facts, const DataFolders& data, const CheckOptions& options) {
  RunProgress progress(options.verbose);
  repeat_trainings(
      facts,
      {data.leaderboard, data.train, data.val, options.training_steps,
       options.limits.timeout_s.value_or(kTrainingTimeout), limits_of_a_run(facts, options.limits)},
      progress);
}

}  // namespace

CheckOutcome check(const CheckOptions& options) {
  CheckOutcome outcome;
  Facts& facts = outcome.facts;
  facts.project = submission::load_project(options.project);
  facts.edition = options.rules ? *options.rules : challenge::find_edition(facts.project.edition);
  if (facts.edition.id != facts.project.edition) {
    fail(Code::kInvalidArgument, "{}: the project is of edition '{}', the rules are of '{}'",
         (facts.project.root / submission::kProjectFile).string(), facts.project.edition,
         facts.edition.id);
  }
  checks::require_rules(options.selection, facts.edition);
  require_step(facts.project);
  const DataFolders data = locate_data(facts.project, facts.edition, options.data);
  outcome.selection = options.selection;
  const Steps steps = outcome.steps = checks::steps_needed(facts.edition, options.selection);

  const system::Descriptor lock = lock_folder(facts.project.check_folder());
  remove_leftovers(facts.project.check_folder());

  // What may turn out to be unusable comes before the runs, which may take hours.
  facts.host = system::host_info();
  json zero_filled;
  if (steps & checks::kScore)
    zero_filled = challenge::to_json(challenge::score_zero_filled(facts.edition, data.leaderboard));
  const submission::Step& step = *facts.project.reconstruct_step;
  const json weights = file_json(facts.project.host(step.weights), step.weights);
  if (steps & (checks::kOverlap | checks::kNearDuplicates)) compare_data(facts, data, steps);
  if (steps & checks::kManifest) hold_against_manifest(facts, data, options);
  if (steps & checks::kLabelCopies)
    facts.label_copies = checks::find_label_files(facts.project, facts.edition, data.leaderboard);
  if (steps & checks::kCode) facts.code = checks::scan_code(facts.project);
  if (steps & checks::kLineage) facts.lineages = checks::trace_project(facts.project);
  if (steps & checks::kHandIn) facts.hand_in = submission::hand_in_of(facts.project);
  const StepRecords records = make_runs(facts, data, weights["sha256"], options, steps);
  look_at_outputs(facts, data, steps);
  if (steps & checks::kTraining) make_training_runs(facts, data, options);

  outcome.findings = checks::judge(facts, options.selection, steps);
  outcome.notes =
      submission::apply_waivers(outcome.findings, options.waivers,
                                {"", facts.project.name, facts.edition.id, system::today()});
  outcome.exit_code = exit_code_of(outcome);
  outcome.json = outcome_json(outcome);
  outcome.json["zero_filled"] = zero_filled;
  outcome.json["weights"] = weights;
  write_results(outcome);
  records.remove();
  return outcome;
}

}  // namespace reconproof::workflows
