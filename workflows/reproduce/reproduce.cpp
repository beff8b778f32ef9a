// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/reproduce/reproduce.h"

#include <algorithm>

#include "challenge/dataset/folder.h"
#include "checks/code/scan.h"
#include "checks/data/label_copies.h"
#include "checks/registry.h"
#include "formats/strict_json.h"
#include "submission/bundle/extract.h"
#include "system/date.h"
#include "system/error.h"
#include "system/files.h"
#include "system/interrupt.h"
#include "system/sha256.h"
#include "system/terminal.h"
#include "workflows/command_runs.h"
#include "workflows/reproduce/json.h"
#include "workflows/reproduce/training.h"
#include "workflows/workspace.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using challenge::Edition;
using challenge::ScoreResult;
using checks::Facts;
using checks::Steps;
using nlohmann::json;
using submission::RestoredBundle;
using system::Code;
using system::fail;

namespace {

constexpr const char* kNoData = "no data were given (--data DIR)";

/// In the workspace: bag/: what of the bundle is left when it is laid out; root/: the team's
/// machine, as far as the bundle has it; re-executed/; reproduce.json. What only this program wrote
/// among the team's files goes where it is found.
void keep(const Reproduction& result, Workspace& workspace) {
  if (!workspace.stays()) return;
  std::error_code ignored;
  fs::rename(result.facts.run.recon_folder, workspace.path() / "re-executed", ignored);
  fs::remove_all(result.facts.project.state_folder(), ignored);
  system::write_file(workspace.path() / "reproduce.json", formats::canonical_json(result.json));
  workspace.commit();
}

/// What a bundle declares and cannot be shown is a fault of the bundle, not of who reproduces it.
template <typename Run>
void as_fault_of(const std::string& bundle, Run run) {
  try {
    run();
  } catch (const system::Error& error) {
    if (error.code() != Code::kInvalidArgument) throw;
    fail(Code::kCorrupt, "{}: {}", bundle, error.what());
  }
}

class Reproducer {
 public:
  Reproducer(const ReproduceOptions& options, const RestoredBundle& bundle, Reproduction& result)
      : options_(options),
        bundle_(bundle),
        name_(options.bundle.string()),
        result_(result),
        facts_(result.facts),
        progress_(options.verbose) {
    facts_.project = bundle.project;
    facts_.edition = edition_of_bundle();
    facts_.host = system::host_info();
    result.claims = parse_claims(bundle.claims, name_ + ": meta/claims.json");
    result.tolerance =
        tolerance_between(bundle.environment.value("environment", json()), facts_.host);
    for (const json& finding : bundle.findings.value("findings", json::array()))
      result.team_findings.push_back(challenge::finding_from_json(finding));
    if (options.rules) require_same_cells(*options.rules);
    if (options.data) data_ = locate_data(facts_.project, facts_.edition, options.data);
  }

  /// The passes, in their order.
  void run() {
    recompute();
    system::InterruptWatch::throw_if_interrupted();
    re_execute();
    system::InterruptWatch::throw_if_interrupted();
    if (options_.training_steps > 0) retrain();
    if (options_.rules) judge_by_rules();
    result_.exit_code = result_.comparisons.exit_code();
    if (options_.rules)
      result_.exit_code =
          system::worst(result_.exit_code, challenge::exit_code_of(result_.findings));
  }

 private:
  /// A rule file of the bundle's own edition stands for the compiled-in one in everything.
  Edition edition_of_bundle() const {
    const std::string& id = facts_.project.edition;
    if (options_.rules && options_.rules->id == id) return *options_.rules;
    const std::vector<std::string> known = challenge::edition_ids();
    if (std::ranges::find(known, id) == known.end()) {
      fail(Code::kUnsupported,
           "{}: is of edition '{}', which this version does not know; name its rule file (--rules)",
           name_, system::excerpt(id));
    }
    return challenge::find_edition(id);
  }

  void require_same_cells(const Edition& rules) const {
    if (std::ranges::equal(rules.cells, facts_.edition.cells, {}, &challenge::Cell::name,
                           &challenge::Cell::name))
      return;
    fail(Code::kInvalidArgument,
         "{}: the bundle is of edition '{}', whose parts the rules of '{}' do not have", name_,
         facts_.edition.id, rules.id);
  }

  /// Nothing where there are no labels.
  std::optional<ScoreResult> score(const Edition& edition, const fs::path& recon) const {
    for (const challenge::Cell& cell : edition.cells) {
      if (!system::is_folder(challenge::label_folder(edition, cell, data_->leaderboard)))
        return std::nullopt;
    }
    return challenge::score(edition, data_->leaderboard, recon);
  }

  /// Of `score`, or why there is none.
  Agreement against_claims(const std::optional<ScoreResult>& score) const {
    if (result_.claims.empty() || score)
      return compare_with_claims(facts_.edition, result_.claims, score.value_or(ScoreResult()));
    return {Tier::kInconclusive, data_ ? "the data have no labels" : kNoData, {}};
  }

  void recompute() {
    if (data_) result_.recomputed = score(facts_.edition, bundle_.reconstructions);
    result_.comparisons.recomputed_claimed = against_claims(result_.recomputed);
  }

  /// Why the command cannot be run here; empty when it can.
  std::string obstacle() const {
    if (!data_) return kNoData;
    const std::string& refused = system::probe_sandbox().refused_reason;
    return refused.empty() ? "" : "a bundle's command only runs in a sandbox: " + refused;
  }

  void re_execute() {
    Comparisons& comparisons = result_.comparisons;
    if (const std::string why = obstacle(); !why.empty()) {
      comparisons.re_executed_bundled = {Tier::kInconclusive, why, {}};
    } else {
      as_fault_of(name_, [&] { run_reconstruction(); });
      if (facts_.run.ok()) {
        compare_images();
      } else {
        comparisons.re_executed_bundled = compare_failed_run(facts_.run, facts_.host);
      }
    }
    comparisons.re_executed_claimed = against_claims(result_.re_executed);
    if (!facts_.run.ok() && !result_.claims.empty()) {
      comparisons.re_executed_claimed = comparisons.re_executed_bundled;
      comparisons.re_executed_claimed.evidence.clear();
    }
  }

  void run_reconstruction() {
    taken_ = checks::kRun;
    if (options_.rules) taken_ |= checks::kRepeat;
    const StepRecords none(facts_.project.check_folder() / "steps", "", true);
    run_command(facts_,
                {data_->leaderboard, run_timeout_s(facts_.edition, options_.limits.timeout_s),
                 limits_of_a_run(facts_, options_.limits),
                 options_.rules ? options_.rules->find_rule("memory.gpu") : nullptr, taken_},
                none, progress_);
    none.remove();
  }

  void compare_images() {
    const fs::path &bundled = bundle_.reconstructions, &again = facts_.run.recon_folder;
    result_.images = checks::compare_reconstructions(facts_.edition, again, bundled);
    for (const fs::path& file : system::files_below(again)) {
      std::error_code ignored;
      if (fs::is_regular_file(bundled / file, ignored) &&
          system::sha256_file(again / file) == system::sha256_file(bundled / file))
        ++result_.identical_files;
    }
    result_.re_executed = score(facts_.edition, again);
    const auto given = [](const auto& score) { return score ? &*score : nullptr; };
    result_.comparisons.re_executed_bundled =
        compare_with_bundled(*result_.images, result_.identical_files, result_.tolerance,
                             given(result_.recomputed), given(result_.re_executed));
  }

  void retrain() {
    if (!data_) {
      result_.comparisons.trainings = {{"training", {Tier::kInconclusive, kNoData, {}}}};
      return;
    }
    const BundledLedger ledger = read_bundled_ledger(bundle_.ledger);
    as_fault_of(name_, [&] {
      repeat_trainings(facts_,
                       {data_->leaderboard, data_->train, data_->val, options_.training_steps,
                        options_.limits.timeout_s.value_or(kTrainingTimeout),
                        limits_of_a_run(facts_, options_.limits)},
                       progress_);
    });
    taken_ |= checks::kTraining;
    result_.comparisons.trainings = compare_trainings(facts_, ledger);
  }

  /// Only rules that need no more than what was done here: a rule is never judged by half.
  void judge_by_rules() {
    Facts judged = facts_;
    judged.edition = *options_.rules;
    judged.score = result_.re_executed;
    judged.handed_in = result_.recomputed;
    judged.handed_in_comparison = result_.images;
    if (judged.edition.sha256 != facts_.edition.sha256) {
      if (judged.score) judged.score = score(judged.edition, facts_.run.recon_folder);
      if (judged.handed_in) judged.handed_in = score(judged.edition, bundle_.reconstructions);
    }
    if (judged.score) taken_ |= checks::kScore;
    if (judged.handed_in) taken_ |= checks::kHandedIn;
    look_at_files(judged);
    // A run that only another machine could finish says nothing of the rules.
    if (result_.comparisons.re_executed_bundled.tier == Tier::kInconclusive && !facts_.run.ok())
      taken_ &= ~(checks::kRun | checks::kRepeat);
    result_.findings = judge_measured(judged);
    result_.notes = submission::apply_waivers(
        result_.findings, options_.waivers,
        {result_.verified.id, judged.project.name, judged.edition.id, system::today()});
  }

  void look_at_files(Facts& judged) {
    if (data_) {
      judged.label_copies =
          checks::find_label_files(judged.project, judged.edition, data_->leaderboard);
      taken_ |= checks::kLabelCopies;
    }
    judged.hand_in = result_.verified.handed_in;
    judged.code = checks::scan_code(judged.project);
    judged.lineages = checks::trace_project(judged.project);
    taken_ |= checks::kHandIn | checks::kCode | checks::kLineage;
  }

  std::vector<challenge::Finding> judge_measured(const Facts& judged) const {
    checks::Selection measured;
    for (const challenge::Rule& rule : judged.edition.rules) {
      const std::optional<Steps> needed = checks::steps_of(rule.id);
      if (!needed || (*needed & ~taken_) != 0) measured.skip.push_back(rule.id);
    }
    std::vector<challenge::Finding> findings = checks::judge(judged, measured, taken_);
    for (challenge::Finding& finding : findings) {
      if (!measured.chooses(finding.rule_id) && finding.status == challenge::Status::kInconclusive)
        finding.message =
            "not judged: this reproduction did not measure it; `reconproof check` on the "
            "extracted code would";
    }
    return findings;
  }

  const ReproduceOptions& options_;
  const RestoredBundle& bundle_;
  const std::string name_;
  Reproduction& result_;
  Facts& facts_;
  RunProgress progress_;
  std::optional<DataFolders> data_;
  Steps taken_ = 0;
};

}  // namespace

Reproduction reproduce(const ReproduceOptions& options) {
  Reproduction result;
  Workspace workspace(options.keep);
  submission::ExtractOptions extraction;
  extraction.trust = options.trust;
  result.verified = submission::extract(options.bundle, workspace.path() / "bag", extraction);
  if (!result.verified.ok()) {
    result.exit_code = result.verified.exit_code();
    result.json = damage_json(result);
    return result;
  }
  const RestoredBundle bundle = submission::restore(workspace.path() / "bag", workspace.root(),
                                                    options.granted, options.bundle.string());
  Reproducer(options, bundle, result).run();
  result.json = reproduction_json(result, bundle);
  keep(result, workspace);
  return result;
}

}  // namespace reconproof::workflows
