// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/rehearse/rehearse.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <set>

#include "checks/registry.h"
#include "formats/strict_json.h"
#include "system/clock.h"
#include "system/date.h"
#include "system/error.h"
#include "system/files.h"
#include "system/interrupt.h"
#include "system/terminal.h"
#include "workflows/command_runs.h"
#include "workflows/rehearse/code.h"
#include "workflows/rehearse/failure.h"
#include "workflows/rehearse/judge.h"
#include "workflows/rehearse/log.h"
#include "workflows/rehearse/readme.h"
#include "workflows/training_runs.h"
#include "workflows/workspace.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using checks::Facts;
using submission::Project;
using system::Code;
using system::fail;
using system::printable;

namespace {

constexpr const char* kReport = "rehearse/rehearse.json";  // below .reconproof/

class Rehearser {
 public:
  Rehearser(const RehearseOptions& options, const fs::path& workspace, Rehearsal& result)
      : options_(options),
        workspace_(workspace),
        result_(result),
        facts_(result.facts),
        progress_(options.verbose) {
    facts_.host = system::host_info();
    facts_.edition = challenge::find_edition(result.team.edition);
    data_ = locate_data(result.team, facts_.edition, options.data);
  }

  /// The passes, in the assistant's order.
  void run() {
    pass("clone", [this](RehearsalStep& step) { clone(step); });
    pass("readme", [this](RehearsalStep& step) { read_readme(step); });
    pass("environment", [this](RehearsalStep& step) { make_environment(step); });
    pass("code", [this](RehearsalStep& step) { look_at_code(step); });
    pass("train", [this](RehearsalStep& step) { train(step); });
    pass("reconstruct", [this](RehearsalStep& step) { reconstruct(step); });
    pass("score", [this](RehearsalStep& step) { compare_score(step); });
    pass("log", [this](RehearsalStep& step) { step = look_at_logs(result_.team); });
    accuse_hidden_settings();
    result_.exit_code = exit_code();
  }

 private:
  void pass(const char* name, const std::function<void(RehearsalStep&)>& body) {
    system::InterruptWatch::throw_if_interrupted();
    RehearsalStep step;
    step.name = name;
    const double begun = system::monotonic_seconds();
    body(step);
    step.wall_s = system::monotonic_seconds() - begun;
    result_.steps.push_back(std::move(step));
  }

  const fs::path& clone_root() const { return result_.place.project.root; }

  void clone(RehearsalStep& step) {
    result_.place = move_in(result_.team, workspace_ / "root", step.faults);
    facts_.project = result_.place.project;
    step.message = fmt::format("cloned {} into another path; the data lie {}",
                               result_.place.git.commit.substr(0, 12),
                               result_.place.data_moved ? fmt::format("in {}", kAssistantsData)
                                                        : "where the code wants them");
  }

  void read_readme(RehearsalStep& step) {
    result_.readme = submission::read_readme(clone_root());
    result_.match = submission::match_readme(result_.readme, result_.team, clone_root());
    judge_readme(result_.readme, result_.match, clone_root(), step);
  }

  /// Those that the README's other commands run, too.
  std::vector<std::string> readme_scripts() const {
    std::vector<std::string> scripts;
    for (const submission::CommandMatch& command : result_.match.commands)
      for (const submission::AlternativeMatch& alternative : command.alternatives)
        scripts.insert(scripts.end(), alternative.scripts.begin(), alternative.scripts.end());
    return scripts;
  }

  void make_environment(RehearsalStep& step) {
    reached_ = checks::reached_files(facts_.project, readme_scripts());
    submission::Requirements requirements =
        find_requirements(clone_root(), result_.readme, step.faults);
    progress_.expect(1);
    progress_.begin("the environment", 0);
    result_.environment = workflows::make_environment(
        clone_root(), std::move(requirements), !reached_.empty(),
        {options_.python, options_.network, workspace_ / "environment"}, step.faults);
    progress_.end();
    const RehearsalEnvironment& made = result_.environment;
    look_at_imports(made, clone_root(), python_files(), local_modules(), step.faults);
    run_by(made, facts_.project);
    const std::string& file = made.requirements.file;
    const std::string what = file.empty() ? "no requirements" : file;
    step.message = made.how == "none needed" ? "no Python is used"
                   : made.python.empty()     ? "there is no environment to run anything with"
                   : made.how == "given"
                       ? fmt::format("Python {} as given; {} held against it", made.version, what)
                   : made.how == "cached"
                       ? fmt::format("Python {} with {}, installed by an earlier rehearsal",
                                     made.version, what)
                       : fmt::format("Python {} with {}, installed afresh", made.version, what);
  }

  std::vector<std::string> python_files() const {
    std::vector<std::string> files;
    std::error_code ignored;
    for (const checks::ReachedFile& file : reached_) {
      if (file.file.ends_with(".py") && fs::is_regular_file(clone_root() / file.file, ignored))
        files.push_back(file.file);
    }
    return files;
  }

  /// Names by which code of the team may be imported, wherever sys.path points. What is not
  /// committed is told at the clone.
  std::vector<std::string> local_modules() const {
    std::set<std::string> names;
    for (const fs::path& root : {clone_root(), result_.team.root}) {
      for (const fs::path& file : system::files_below(root)) {
        if (file.extension() != ".py") continue;
        names.insert(file.stem().string());
        for (const fs::path& part : file.parent_path()) names.insert(part.string());
      }
    }
    return {names.begin(), names.end()};
  }

  void look_at_code(RehearsalStep& step) {
    leaderboard_at_ = rehearse_code(result_.team, facts_.project, reached_, step);
  }

  /// Why nothing can be run; empty when it can.
  std::string obstacle() const {
    const std::string& refused = system::probe_sandbox().refused_reason;
    if (!refused.empty()) return "commands are only rehearsed in a sandbox: " + refused;
    if (result_.environment.python.empty() && result_.environment.how != "none needed")
      return "there is no environment to run it with; see step environment";
    return "";
  }

  static RehearsalFault not_done(const std::string& why, const std::string& remedy) {
    return {"not-rehearsed", Gravity::kInconclusive, "", why, remedy, {}};
  }

  FailureContext failure_context(bool training) const {
    FailureContext context;
    context.team = result_.team.root;
    context.clone = clone_root();
    context.weights = training ? "" : result_.team.reconstruct_step->weights;
    context.leaderboard = training ? result_.team.leaderboard : "";
    for (const submission::Requirement& item : result_.environment.requirements.items)
      context.requirements.push_back(item.normalized);
    context.has_gpu = !facts_.host.gpus.empty();
    return context;
  }

  /// A failed run's fault; where an earlier step has named the cause, it says so.
  RehearsalFault explained(const checks::WholeRunResult& run, bool training) const {
    RehearsalFault fault = explain_failure(run, failure_context(training));
    for (const RehearsalStep& step : result_.steps) {
      for (const RehearsalFault& known : step.faults) {
        const bool same = known.kind == fault.kind && known.gravity != Gravity::kInconclusive;
        if (!same || (known.gravity == Gravity::kWarning && known.where != fault.where)) continue;
        fault.message += fmt::format(" (step {}: {})", step.name, known.where);
        if (known.gravity == Gravity::kBroken) fault.remedy = known.remedy;
        return fault;
      }
    }
    return fault;
  }

  void train(RehearsalStep& step) {
    step.message = "no training was rehearsed";
    if (options_.training_steps == 0)
      return step.faults.push_back(not_done("left out by --steps 0", "rehearse it once at least"));
    if (facts_.project.train_steps.empty()) {
      return step.faults.push_back(
          not_done("reconproof.toml declares no [steps.train]", "declare the command that trains"));
    }
    if (const std::string why = obstacle(); !why.empty())
      return step.faults.push_back(not_done(why, "mend that first"));
    // Where the team's own code would look for it, it is looked out for.
    Project with_leaderboard = facts_.project;
    std::swap(facts_.project, with_leaderboard);
    facts_.project.leaderboard = result_.team.leaderboard;
    TrainingRunsOptions training;
    training.leaderboard = data_.leaderboard;
    training.train = data_.train;
    training.val = data_.val;
    training.updates = options_.training_steps;
    training.timeout_s = options_.limits.timeout_s.value_or(kTrainingTimeout);
    training.limits = limits_of_a_run(facts_, options_.limits);
    training.other_seed = false;
    repeat_trainings(facts_, training, progress_);
    std::swap(facts_.project, with_leaderboard);
    if (facts_.trainings.empty())
      return step.faults.push_back(not_done(facts_.trainings_absent_reason, "give --data DIR"));
    step.message = fmt::format("{} steps of each training, twice, without leaderboard and network",
                               options_.training_steps);
    judge_trainings(
        facts_, leaderboard_at_,
        [this](const checks::WholeRunResult& run) { return explained(run, true); }, step);
  }

  void reconstruct(RehearsalStep& step) {
    if (const std::string why = obstacle(); !why.empty()) {
      step.message = "nothing was reconstructed";
      return step.faults.push_back(not_done(why, "mend that first"));
    }
    std::error_code ignored;
    const fs::path weights = facts_.project.host(facts_.project.reconstruct_step->weights);
    if (!fs::exists(weights, ignored)) {
      step.message = "nothing was reconstructed";
      return step.faults.push_back(
          not_done("there are no weights; see step clone", "mend that first"));
    }
    const StepRecords none(facts_.project.check_folder() / "steps", "", true);
    run_command(facts_,
                {data_.leaderboard, run_timeout_s(facts_.edition, options_.limits.timeout_s),
                 limits_of_a_run(facts_, options_.limits), facts_.edition.find_rule("memory.gpu"),
                 checks::kRun},
                none, progress_);
    none.remove();
    if (!facts_.run.ok()) {
      step.message = "the reconstruct command did not come to its end";
      RehearsalFault fault = explained(facts_.run, false);
      tell_sizes(*result_.team.reconstruct_step,
                 result_.team.host(result_.team.reconstruct_step->weights), clone_root(), fault);
      return step.faults.push_back(std::move(fault));
    }
    step.message = fmt::format("reconstructed the leaderboard in {}",
                               system::duration_text(facts_.run.wall_s));
    result_.score = challenge::score(facts_.edition, data_.leaderboard, facts_.run.recon_folder);
    facts_.score = result_.score;
    judge_reconstruction(facts_, step);
  }

  void compare_score(RehearsalStep& step) {
    step.message = "nothing was scored";
    if (!result_.score)
      return step.faults.push_back(
          not_done("there are no reconstructions; see step reconstruct", "mend that first"));
    look_at_handed_in();
    const Agreement agreement = compare_with_claims(facts_.edition, result_.claims, *result_.score);
    if (agreement.tier == Tier::kScore) {
      step.message = fmt::format("all {} items print what {} says", result_.claims.said.size(),
                                 result_.claims_from);
      return;
    }
    if (agreement.tier == Tier::kNotApplicable) {
      return step.faults.push_back(
          not_done("no score is claimed, and no reconstructions are there to compare with",
                   "write the digits that you report under [claims] in reconproof.toml"));
    }
    step.message = fmt::format("held against {}", result_.claims_from);
    step.faults.push_back(
        {"claim", agreement.tier == Tier::kMismatch ? Gravity::kBroken : Gravity::kInconclusive,
         result_.claims_from == submission::kProjectFile ? result_.claims_from : "",
         fmt::format("{} is not what comes out: {}", result_.claims_from,
                     agreement.evidence.empty() ? agreement.message : agreement.evidence[0]),
         "reconstruct with HEAD and these weights, score that, and claim those digits",
         agreement.evidence});
  }

  /// Without a claim, what the team's own reconstructions score is the claim.
  void look_at_handed_in() {
    result_.claims_from = submission::kProjectFile;
    result_.claims.said = result_.team.claims;
    const fs::path outputs = result_.team.host(result_.team.reconstruct_step->outputs);
    const auto has = [&](const challenge::Cell& cell) {
      return system::is_folder(outputs / cell.name);
    };
    if (!result_.claims.said.empty() || std::ranges::none_of(facts_.edition.cells, has)) return;
    result_.claims_from = "the handed-in reconstructions";
    const challenge::ScoreResult own = challenge::score(facts_.edition, data_.leaderboard, outputs);
    for (const challenge::ScoreItem& item : own.items)
      result_.claims.said[item.name] = item.printed;
  }

  /// A variable that code reads and nothing sets is a warning as long as the result is right.
  void accuse_hidden_settings() {
    const RehearsalStep* score = result_.step("score");
    const RehearsalStep* run = result_.step("reconstruct");
    if (score->state() != StepState::kBroken && run->state() != StepState::kBroken) return;
    for (RehearsalStep& step : result_.steps) {
      for (RehearsalFault& fault : step.faults) {
        if (fault.kind != "hidden-setting" || fault.gravity != Gravity::kWarning) continue;
        fault.gravity = Gravity::kBroken;
        fault.message += "; without it the result is another one";
      }
    }
  }

  system::ExitCode exit_code() const {
    system::ExitCode code = system::ExitCode::kPass;
    for (const RehearsalStep& step : result_.steps) {
      if (step.state() == StepState::kBroken)
        code = system::worst(code, system::ExitCode::kRuleBroken);
      if (step.state() == StepState::kInconclusive)
        code = system::worst(code, system::ExitCode::kInconclusive);
    }
    return code;
  }

  const RehearseOptions& options_;
  const fs::path workspace_;
  Rehearsal& result_;
  Facts& facts_;
  RunProgress progress_;
  DataFolders data_;
  std::vector<checks::ReachedFile> reached_;
  std::string leaderboard_at_;  // a place in the code that names it
};

void require_declarations(const Project& team) {
  if (team.reconstruct_step && !team.reconstruct_step->weights.empty() &&
      !team.reconstruct_step->outputs.empty())
    return;
  fail(Code::kCorrupt,
       "{}: [steps.reconstruct] needs command, weights and outputs; `reconproof init` finds them",
       (team.root / submission::kProjectFile).string());
}

/// What only this program wrote into the clone goes where it is found.
void keep(const Rehearsal& result, Workspace& workspace) {
  if (!workspace.stays()) return;
  std::error_code ignored;
  fs::rename(result.facts.run.recon_folder, workspace.path() / "reconstructed", ignored);
  fs::remove_all(result.facts.project.state_folder(), ignored);
  fs::remove_all(workspace.path() / "environment", ignored);
  system::write_file(workspace.path() / "rehearse.json", formats::canonical_json(result.json));
  workspace.commit();
}

}  // namespace

const RehearsalStep* Rehearsal::step(const std::string& name) const {
  const auto found = std::ranges::find(steps, name, &RehearsalStep::name);
  return found == steps.end() ? nullptr : &*found;
}

Rehearsal rehearse(const RehearseOptions& options) {
  Rehearsal result;
  result.begun_us = system::now_us();
  const double begun = system::monotonic_seconds();
  result.team = submission::load_project(options.project);
  require_declarations(result.team);
  Workspace workspace(options.keep);
  Rehearser(options, workspace.path(), result).run();
  result.wall_s = system::monotonic_seconds() - begun;
  result.json = rehearsal_json(result);
  const fs::path report = result.team.state_folder() / kReport;
  system::make_folders(report.parent_path());
  system::write_file(report, formats::canonical_json(result.json));
  keep(result, workspace);
  return result;
}

}  // namespace reconproof::workflows
