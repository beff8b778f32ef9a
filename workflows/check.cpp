// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/check.h"

#include <algorithm>
#include <random>

#include "challenge/dataset/folder.h"
#include "challenge/score/text.h"
#include "checks/data/label_copies.h"
#include "checks/families.h"
#include "checks/measure/image_inputs.h"
#include "checks/measure/pace.h"
#include "formats/strict_json.h"
#include "system/build_info.h"
#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"
#include "workflows/findings_junit.h"
#include "workflows/findings_sarif.h"
#include "workflows/provenance.h"

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

struct DataFolders {
  fs::path leaderboard;
  std::vector<fs::path> training;  // those of train and val that exist
  std::vector<fs::path> missing;   // those that do not
};

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

DataFolders locate_data(const Project& project, const Edition& edition,
                        const CheckOptions& options) {
  DataFolders folders;
  std::vector<fs::path> training;
  const auto add_declared = [&] {
    for (const std::string& declared : {project.train, project.val}) {
      if (!declared.empty()) training.push_back(project.host(declared));
    }
  };
  if (options.data && !challenge::is_leaderboard(edition, *options.data)) {
    folders.leaderboard = challenge::leaderboard_in(edition, *options.data);
    // Of what is not declared either, nobody can say that it is missing.
    for (const auto& [name, declared] : {std::pair{"train", project.train}, {"val", project.val}}) {
      if (!declared.empty() || is_folder(*options.data / name))
        training.push_back(*options.data / name);
    }
  } else {
    if (!options.data && project.leaderboard.empty()) {
      fail(Code::kNotFound, "{}: declares no leaderboard under [data]; add it or give --data DIR",
           (project.root / submission::kProjectFile).string());
    }
    folders.leaderboard = options.data ? *options.data : project.host(project.leaderboard);
    add_declared();
  }
  if (!challenge::is_leaderboard(edition, folders.leaderboard)) {
    fail(Code::kNotFound, "{}: no leaderboard of {}: expected the folders {} in it",
         folders.leaderboard.string(), edition.id, [&] {
           std::string names;
           for (const Cell& cell : edition.cells)
             names += (names.empty() ? "" : ", ") + cell.folder;
           return names;
         }());
  }
  for (const fs::path& folder : training) {
    (is_folder(folder) ? folders.training : folders.missing).push_back(folder);
  }
  folders.leaderboard = fs::canonical(folders.leaderboard);
  return folders;
}

constexpr const char* kBaseline = "reconproof-baseline";
constexpr double kShortestPredicted = 5;  // seconds: importing PyTorch takes some of them
constexpr const char* kImageInputs = "images";

/// Image files without labels, for the time of the runs, where the step reads images.
class ImageInputs {
 public:
  ImageInputs(const Facts& facts, const DataFolders& data)
      : folder_(facts.project.check_folder() / kImageInputs) {
    remove();  // of a check that was killed
    if (facts.project.reconstruct_step->reads_images)
      checks::write_image_inputs(facts.edition, data.leaderboard, folder_);
  }
  ~ImageInputs() { remove(); }
  ImageInputs(const ImageInputs&) = delete;
  ImageInputs& operator=(const ImageInputs&) = delete;

 private:
  void remove() const {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  fs::path folder_;
};

/// Runs the reconstruct command once, into `.reconproof/check/<name>`.
checks::WholeRunResult measured_run(const Facts& facts, const DataFolders& data, const char* name,
                                    const CheckOptions& options, checks::CheckedGpu& gpu,
                                    std::vector<checks::ShownVolume> view = {}) {
  checks::WholeRunOptions run;
  run.gpu = &gpu;
  run.data = data.leaderboard;
  run.view = std::move(view);
  if (facts.cpu_adapter) run.python_adapter = facts.cpu_adapter->folder();
  if (facts.gpu_reporter) run.python_adapter = facts.gpu_reporter->folder();
  if (facts.project.reconstruct_step->reads_images)
    run.images = facts.project.check_folder() / kImageInputs;
  run.recon_folder = facts.project.check_folder() / name;
  run.runtime_folders = {system::build_info().libtorch_folders.begin(),
                         system::build_info().libtorch_folders.end()};
  const challenge::Rule* limit = facts.edition.find_rule("time.total");
  run.timeout_s = options.timeout_s.value_or(limit && limit->limit ? 2 * *limit->limit : 7200);
  // A submission must not fill the organiser's disk or memory.
  constexpr int64_t kGib = int64_t{1} << 30;
  std::error_code error;
  const fs::space_info space = fs::space(facts.project.root, error);
  if (!error) run.limits.output_bytes = static_cast<int64_t>(space.available / 2);
  run.limits.memory_bytes = std::max(facts.host.memory_bytes - kGib, facts.host.memory_bytes / 2);
  return checks::whole_run(facts.project, facts.edition, run);
}

/// Where the GPU's memory did not suffice, once more with as much as the rule's sources allow at
/// most.
void run_first(Facts& facts, const DataFolders& data, const CheckOptions& options,
               checks::CheckedGpu& gpu) {
  facts.run = measured_run(facts, data, "recon", options, gpu);
  if (!checks::ran_out_of_gpu_memory(facts.run) || !gpu.leave_more()) return;
  facts.gpu_ran_out_bytes = facts.run.gpu.enforced_limit_bytes;
  facts.run = measured_run(facts, data, "recon", options, gpu);
}

void run_twice(Facts& facts, const DataFolders& data, const CheckOptions& options,
               checks::CheckedGpu& gpu, Steps steps) {
  run_first(facts, data, options, gpu);
  if (!facts.run.ok() || !(steps & checks::kRepeat)) return;
  facts.repeat = measured_run(facts, data, "repeat", options, gpu);
  facts.repeat_comparison = checks::compare_reconstructions(facts.edition, facts.run.recon_folder,
                                                            facts.repeat->recon_folder);
  std::error_code ignored;
  fs::remove_all(facts.repeat->recon_folder, ignored);
}

checks::VariantRun variant_run(const Facts& facts, const DataFolders& data,
                               const checks::InputChange& change, const CheckOptions& options,
                               checks::CheckedGpu& gpu) {
  // Not to be foreseen by a submission.
  const uint64_t seed = std::random_device{}();
  checks::VariantRun variant;
  variant.run = measured_run(facts, data, "variant", options, gpu,
                             checks::view_inputs(facts.edition, data.leaderboard, change, seed));
  if (variant.run.ok()) {
    variant.comparison = checks::compare_reconstructions(facts.edition, facts.run.recon_folder,
                                                         variant.run.recon_folder);
  }
  std::error_code ignored;
  fs::remove_all(facts.project.check_folder() / "variant", ignored);
  return variant;
}

/// Both changes at once: only when that shows, a run for each tells which one it was.
void run_variants(Facts& facts, const DataFolders& data, const CheckOptions& options,
                  checks::CheckedGpu& gpu, Steps steps) {
  if (!facts.run.ok()) return;
  const bool folders = (steps & checks::kExchanged) && facts.edition.cells.size() > 1;
  const bool names = steps & checks::kRenamed;
  if (!folders && !names) return;
  const checks::VariantRun both = variant_run(facts, data, {names, folders}, options, gpu);
  const bool unseen = both.run.ok() && both.comparison.equal;
  if (names)
    facts.renamed =
        unseen || !folders ? both : variant_run(facts, data, {true, false}, options, gpu);
  if (folders)
    facts.exchanged =
        unseen || !names ? both : variant_run(facts, data, {false, true}, options, gpu);
}

/// What the measured time would be on the official GPU, unless this machine has one.
void predict_time(Facts& facts, Steps steps) {
  const challenge::Edition& edition = facts.edition;
  if (!(steps & checks::kPace)) return;
  if (std::ranges::find(facts.host.gpus, edition.official_gpu) != facts.host.gpus.end()) {
    facts.unpredicted_reason = "this machine has one";
  } else if (!edition.reference) {
    facts.unpredicted_reason = "the baseline's time there is not known";
  } else if (!facts.run.ok()) {
    facts.unpredicted_reason = "the reconstruct command did not finish";
  } else if (facts.run.wall_s < kShortestPredicted) {
    facts.unpredicted_reason =
        fmt::format("a run of {:.1f} s is mostly its start", facts.run.wall_s);
  } else if (!facts.host.gpus.empty() && !facts.run.gpu.measured) {
    facts.unpredicted_reason = "whether the command used the GPU is not known";
  } else {
    const checks::MeasuredPace here = checks::measure_pace(
        *edition.reference, facts.host, system::self_executable().parent_path() / kBaseline);
    facts.unpredicted_reason = here.absent_reason;
    if (!here.pace) return;
    facts.prediction =
        checks::predict(facts.run.wall_s, "s", checks::Timed::kWholeRun,
                        {edition.reference->ms_per_slice, true, edition.official_gpu},
                        edition.reference->certainty, *here.pace);
  }
}

/// Every run of the command that the steps ask for.
void run_command(Facts& facts, const DataFolders& data, const CheckOptions& options, Steps steps) {
  if (!(steps & checks::kRun)) return;
  if (facts.host.gpus.empty()) {
    facts.cpu_adapter = std::make_shared<checks::CpuAdapter>();
  } else {
    facts.gpu_reporter = std::make_shared<checks::GpuReporter>();
  }
  const ImageInputs images(facts, data);
  const challenge::Rule* memory = facts.edition.find_rule("memory.gpu");
  checks::CheckedGpu gpu(memory && options.selection.chooses(memory->id) ? memory : nullptr);
  run_twice(facts, data, options, gpu, steps);
  run_variants(facts, data, options, gpu, steps);
  predict_time(facts, steps);
}

fs::path handed_in_folder(const Project& project) {
  return project.host(project.reconstruct_step->outputs);
}

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
  const fs::path handed_in = handed_in_folder(facts.project);
  const auto has = [&](const Cell& cell) { return is_folder(handed_in / cell.name); };
  if (std::none_of(facts.edition.cells.begin(), facts.edition.cells.end(), has)) return;
  facts.handed_in = challenge::score(facts.edition, data.leaderboard, handed_in);
  facts.handed_in_comparison =
      checks::compare_reconstructions(facts.edition, facts.run.recon_folder, handed_in);
}

void compare_data(Facts& facts, const DataFolders& data) {
  for (const fs::path& folder : data.missing) {
    facts.overlap_absent_reason +=
        (facts.overlap_absent_reason.empty() ? "not there: " : ", ") + folder.string();
  }
  if (!data.training.empty()) {
    facts.overlap = checks::find_overlap(facts.edition, data.leaderboard, data.training);
  } else if (facts.overlap_absent_reason.empty()) {
    facts.overlap_absent_reason =
        "no training data here: declare [data] train and val, or give --data DIR";
  }
}

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

json to_json(const checks::WholeRunResult& run) {
  json attempts = json::array();
  for (const system::Attempt& attempt : run.attempts) {
    attempts.push_back(
        {{"kind", attempt.kind}, {"detail", attempt.detail}, {"count", attempt.count}});
  }
  return {{"isolated", run.isolated},
          {"refused_reason", run.refused_reason},
          {"observed", run.observed},
          {"unobserved_reason", run.unobserved_reason},
          {"not_run", run.not_run},
          {"exit_code", run.exit_code},
          {"signal", run.signal},
          {"timed_out", run.timed_out},
          {"stopped", run.stopped},
          {"wall_s", run.wall_s},
          {"peak_rss_bytes", run.peak_rss_bytes},
          {"gpu", to_json(run.gpu)},
          {"attempts", attempts}};
}

json to_json(const checks::Prediction& prediction) {
  return {{"value", prediction.value},
          {"low", prediction.low},
          {"high", prediction.high},
          {"unit", "s"},
          {"device", prediction.there.device},
          {"certainty", prediction.certainty},
          {"baseline_ms_per_slice_there", prediction.there.ms_per_slice},
          {"baseline_ms_per_slice_here", prediction.here.ms_per_slice},
          {"device_here", prediction.here.device}};
}

json file_json(const fs::path& path, const std::string& name) {
  const std::string hash = system::sha256_file(path);  // says what is wrong when it cannot be read
  std::error_code ignored;
  return {{"path", name}, {"bytes", fs::file_size(path, ignored)}, {"sha256", hash}};
}

/// The reconstructions that were judged as the hand-in, so that `pack` can tell that they are still
/// the same.
json handed_in_json(const Facts& facts) {
  json files = json::array();
  if (!facts.handed_in) return files;
  const fs::path folder = handed_in_folder(facts.project);
  for (const fs::path& file : system::files_below(folder)) {
    files.push_back(file_json(folder / file, file.string()));
  }
  return files;
}

json outcome_json(const CheckOutcome& outcome) {
  const Facts& facts = outcome.facts;
  json findings = json::array();
  for (const challenge::Finding& finding : outcome.findings)
    findings.push_back(challenge::to_json(finding));
  return {{"schema", "reconproof.check"},
          {"schema_version", 1},
          {"project", facts.project.name},
          {"edition", facts.edition.id},
          {"ruleset", facts.edition.ruleset()},
          {"exit_code", static_cast<int>(outcome.exit_code)},
          {"environment", environment_json(facts.host)},
          {"build", build_json()},
          {"commands", {{"reconstruct", facts.project.reconstruct_step->command}}},
          {"only", outcome.selection.only},
          {"skip", outcome.selection.skip},
          {"run", outcome.steps & checks::kRun ? to_json(facts.run) : json()},
          {"prediction", facts.prediction ? to_json(*facts.prediction) : json()},
          {"unpredicted_reason", facts.unpredicted_reason},
          {"cpu_adapter", facts.cpu_adapter != nullptr},
          {"score", facts.score ? challenge::to_json(*facts.score) : json()},
          {"handed_in", handed_in_json(facts)},
          {"findings", findings}};
}

system::ExitCode exit_code_of(const CheckOutcome& outcome) {
  system::ExitCode code = challenge::exit_code_of(outcome.findings);
  if (outcome.facts.score) code = system::worst(code, outcome.facts.score->exit_code());
  return code;
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
  const DataFolders data = locate_data(facts.project, facts.edition, options);
  outcome.selection = options.selection;
  const Steps steps = outcome.steps = checks::steps_needed(facts.edition, options.selection);

  // What may turn out to be unusable comes before the runs, which may take hours.
  facts.host = system::host_info();
  json zero_filled;
  if (steps & checks::kScore)
    zero_filled = challenge::to_json(challenge::score_zero_filled(facts.edition, data.leaderboard));
  const submission::Step& step = *facts.project.reconstruct_step;
  const json weights = file_json(facts.project.host(step.weights), step.weights);
  if (steps & checks::kOverlap) compare_data(facts, data);
  if (steps & checks::kLabelCopies)
    facts.label_copies = checks::find_label_files(facts.project, facts.edition, data.leaderboard);
  run_command(facts, data, options, steps);
  look_at_outputs(facts, data, steps);

  outcome.findings = checks::judge(facts, options.selection, steps);
  outcome.exit_code = exit_code_of(outcome);
  outcome.json = outcome_json(outcome);
  outcome.json["zero_filled"] = zero_filled;
  outcome.json["weights"] = weights;
  write_results(outcome);
  return outcome;
}

}  // namespace reconproof::workflows
