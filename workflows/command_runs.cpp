// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/command_runs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>

#include "checks/families.h"
#include "checks/measure/checked_gpu.h"
#include "checks/measure/image_inputs.h"
#include "checks/measure/poisoned_labels.h"
#include "checks/measure/run_record.h"
#include "checks/measure/slice_times.h"
#include "system/build_info.h"
#include "workflows/predict_time.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using checks::Facts;
using checks::Steps;
using nlohmann::json;

namespace {

constexpr const char *kFirstRun = "recon", *kRepeatRun = "repeat";
constexpr int kMostTries = 5, kTriesOfTheObvious = 3;  // to see slices take equally long both ways

/// A folder below .reconproof/check/ that goes when the runs are over. What a check that was killed
/// left there is gone before (workflows/check/check.cpp).
class ScratchFolder {
 public:
  explicit ScratchFolder(fs::path path) : path_(std::move(path)) {}
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// What numerical libraries take their number of threads from.
constexpr std::array kThreadVariables = {"OMP_NUM_THREADS", "MKL_NUM_THREADS",
                                         "OPENBLAS_NUM_THREADS"};

/// A run, and how far its images are those of the first one.
struct ComparedRun {
  checks::SliceRun measured;
  checks::Comparison comparison;  // of a run that is ok()
};

json record_of(const ComparedRun& run) {
  return {{"measured", checks::record_of(run.measured)},
          {"comparison", checks::record_of(run.comparison)}};
}
void read_record(const json& record, ComparedRun& run) {
  checks::read_record(record.at("measured"), run.measured);
  checks::read_record(record.at("comparison"), run.comparison);
}

/// The first run; after one for which the GPU's memory did not suffice.
struct FirstRun {
  checks::SliceRun measured;
  int64_t gpu_ran_out_bytes = 0;  // left of the GPU when that happened; 0: it did not
};

json record_of(const FirstRun& run) {
  return {{"measured", checks::record_of(run.measured)},
          {"gpu_ran_out_bytes", run.gpu_ran_out_bytes}};
}
void read_record(const json& record, FirstRun& run) {
  checks::read_record(record.at("measured"), run.measured);
  run.gpu_ran_out_bytes = record.at("gpu_ran_out_bytes");
}

/// How a run differs from the first one.
struct RunPlan {
  std::string name;     // its folder below .reconproof/check/, and its record
  std::string heading;  // for the person who waits
  checks::InputChange change;
  checks::SliceMode mode = checks::SliceMode::kOfficial;
  int64_t threads = 0;  // 0: as declared

  std::string inputs() const {
    return fmt::format("names {} cells {} labels {} hardened {} threads {}", change.names,
                       change.cells, change.labels, mode == checks::SliceMode::kHardened, threads);
  }
};

class CommandRuns {
 public:
  CommandRuns(Facts& facts, const CommandRunOptions& options, const StepRecords& records,
              RunProgress& progress)
      : facts_(facts),
        options_(options),
        records_(records),
        progress_(progress),
        images_(facts.project.check_folder() / "images"),
        poisoned_(facts.project.check_folder() / "poisoned"),
        gpu_(options.gpu_memory) {}

  /// The passes, in their order.
  void make_all() {
    if (takes(checks::kPoisoned)) {
      facts_.poisoned_absent_reason = checks::missing_labels(facts_.edition, options_.leaderboard);
    }
    progress_.expect(planned());
    if (reads_images())
      checks::write_image_inputs(facts_.edition, options_.leaderboard, images_.path());
    first();
    if (!facts_.run.ok()) return;
    if (takes(checks::kRepeat)) repeat();
    if (in_slices() && takes(checks::kHardened)) hardened();
    variants();
    if (takes(checks::kThreads)) other_threads();
  }

 private:
  bool takes(checks::Step step) const { return (options_.steps & step) != 0; }
  bool exchanges_cells() const {
    return takes(checks::kExchanged) && facts_.edition.cells.size() > 1;
  }
  bool poisons_labels() const {
    return takes(checks::kPoisoned) && facts_.poisoned_absent_reason.empty();
  }
  bool in_slices() const { return facts_.project.reconstruct_step->contract == "slice"; }
  bool reads_images() const { return facts_.project.reconstruct_step->reads_images; }

  /// Image files with wrong labels, made when a run first asks for them.
  const fs::path& poisoned_labels() {
    std::error_code ignored;
    if (!fs::exists(poisoned_.path(), ignored)) {
      checks::write_poisoned_labels(facts_.edition, options_.leaderboard, reads_images(),
                                    std::random_device{}(), poisoned_.path());
    }
    return poisoned_.path();
  }

  int64_t planned() const {
    return 1 + takes(checks::kRepeat) + (in_slices() && takes(checks::kHardened)) +
           (takes(checks::kRenamed) || exchanges_cells() || poisons_labels()) +
           takes(checks::kThreads);
  }

  checks::WholeRunOptions run_options(const RunPlan& plan) {
    checks::WholeRunOptions run;
    run.data = options_.leaderboard;
    // Not to be foreseen by a submission.
    if (plan.change.names || plan.change.cells) {
      run.view = checks::view_inputs(facts_.edition, options_.leaderboard, plan.change,
                                     std::random_device{}());
    }
    if (facts_.cpu_adapter) run.python_adapters = {facts_.cpu_adapter->path()};
    if (facts_.gpu_reporter) run.python_adapters = {facts_.gpu_reporter->path()};
    // Not beside the run that is measured.
    if (plan.name == kRepeatRun) run.python_adapters.push_back(packages_.path());
    if (reads_images()) run.images = images_.path();
    if (plan.change.labels) run.images = poisoned_labels();
    if (plan.threads > 0) {
      for (const char* variable : kThreadVariables)
        run.env[variable] = fmt::format("{}", plan.threads);
    }
    run.recon_folder = facts_.project.check_folder() / plan.name;
    run.runtime_folders = {system::build_info().libtorch_folders.begin(),
                           system::build_info().libtorch_folders.end()};
    run.timeout_s = options_.timeout_s;
    run.limits = options_.limits;
    run.on_output = [this](std::string_view piece) { progress_.output(piece); };
    return run;
  }

  /// Runs the reconstruct command once, into `.reconproof/check/<name>`; where the step keeps the
  /// slice contract, slice by slice.
  checks::SliceRun measure(const RunPlan& plan) {
    checks::WholeRunOptions run = run_options(plan);
    run.gpu = &gpu_;
    progress_.begin(plan.heading, options_.timeout_s);
    checks::SliceRun result =
        in_slices()
            ? checks::slice_run(facts_.project, facts_.edition, run, plan.mode)
            : checks::SliceRun{checks::whole_run(facts_.project, facts_.edition, run), {}, 0, {}};
    progress_.end();
    return result;
  }

  void first() {
    const RunPlan plan = {kFirstRun, "the command", {}};
    FirstRun first;
    if (const auto ended = records_.find(plan.name, plan.inputs(), first)) {
      note_taken(plan, *ended);
      if (first.gpu_ran_out_bytes > 0) gpu_.leave_more();
    } else {
      first = measure_first(plan);
      const checks::WholeRunResult& run = first.measured.run;
      if (run.ok()) records_.keep(plan.name, plan.inputs(), first, run.recon_folder);
    }
    facts_.gpu_ran_out_bytes = first.gpu_ran_out_bytes;
    facts_.run = std::move(first.measured.run);
    if (in_slices())
      facts_.slices = {std::move(first.measured.volumes), {}, {}, first.measured.busy_cores};
    if (in_slices()) official_.note(facts_.slices->official);
  }

  /// Where the GPU's memory did not suffice, once more with as much as the rule's sources allow at
  /// most.
  FirstRun measure_first(const RunPlan& plan) {
    FirstRun first{measure(plan)};
    if (!checks::ran_out_of_gpu_memory(first.measured.run) || !gpu_.leave_more()) return first;
    first.gpu_ran_out_bytes = first.measured.run.gpu.enforced_limit_bytes;
    first.measured = measure(plan);
    return first;
  }

  /// Its images are compared with the first run's, and not kept.
  ComparedRun compared(const RunPlan& plan) {
    // What was compared with other images says nothing of these.
    const std::string inputs = plan.inputs() + " " + records_.seal_of(kFirstRun);
    ComparedRun result;
    if (const auto ended = records_.find(plan.name, inputs, result)) {
      note_taken(plan, *ended);
      return result;
    }
    result.measured = measure(plan);
    if (result.measured.run.ok()) {
      result.comparison = checks::compare_reconstructions(facts_.edition, facts_.run.recon_folder,
                                                          result.measured.run.recon_folder);
      records_.keep(plan.name, inputs, result);
    }
    std::error_code ignored;
    fs::remove_all(facts_.project.check_folder() / plan.name, ignored);
    return result;
  }

  void note_taken(const RunPlan& plan, const std::string& ended) {
    progress_.taken(plan.heading, ended);
    facts_.resumed.push_back({plan.name, ended});
  }

  void repeat() {
    ComparedRun again = compared({kRepeatRun, "the same again", {}});
    facts_.repeat = std::move(again.measured.run);
    if (facts_.slices) {
      checks::keep_least(facts_.slices->official, again.measured.volumes);
      official_.note(again.measured.volumes);
      note_busy_cores(again.measured);
    }
    facts_.repeat_comparison = std::move(again.comparison);
  }

  void note_busy_cores(const checks::SliceRun& run) {
    facts_.slices->busy_cores = std::max(facts_.slices->busy_cores, run.busy_cores);
  }

  /// Asks for all slices in random order. Where that takes longer, the machine may have been slower
  /// meanwhile: then both ways once more, one right after the other. What a submission does outside
  /// the clock shows in every run, so that the smallest gap counts: of one pair, or of the least
  /// times of all.
  void hardened() {
    const challenge::Rule* rule = facts_.edition.find_rule("time.in-clock");
    const double limit = rule && rule->limit ? *rule->limit : 0;
    checks::SliceFacts& slices = *facts_.slices;
    std::vector<checks::VolumeTimes> official = slices.official, least_official = official, least;
    double least_gap = 0;
    for (int i = 0; i < kMostTries; ++i) {
      if (i > 0) {
        ComparedRun again = compared({fmt::format("official-{}", i + 1), "slices in order", {}});
        if (!again.measured.run.ok()) return;
        note_busy_cores(again.measured);
        official_.note(again.measured.volumes);
        checks::keep_least(least_official, again.measured.volumes);
        official = std::move(again.measured.volumes);
      }
      ComparedRun run = compared({fmt::format("hardened-{}", i + 1),
                                  "slices in random order",
                                  {},
                                  checks::SliceMode::kHardened});
      facts_.hardened = {run.measured.run, run.comparison};
      if (!run.measured.run.ok()) return;
      slices.held_by = run.measured.held_by;
      note_busy_cores(run.measured);
      hardened_.note(run.measured.volumes);
      if (i == 0) least = run.measured.volumes;
      checks::keep_least(least, run.measured.volumes);
      for (const auto& [asked, in_random] :
           {std::pair(&official, &run.measured.volumes), std::pair(&least_official, &least)}) {
        const double gap = checks::gap_percent(checks::statistics(*asked).mean_ms,
                                               checks::statistics(*in_random).mean_ms);
        if (!slices.hardened.empty() && gap >= least_gap) continue;
        least_gap = gap;
        slices.official = *asked;
        slices.hardened = *in_random;
      }
      slices.spread_percent = std::max(official_.spread_percent(), hardened_.spread_percent());
      if (least_gap <= limit || !run.comparison.equal) break;
      if (i + 1 >= kTriesOfTheObvious && least_gap > checks::kGapBeyondDoubt * limit) break;
    }
  }

  checks::VariantRun variant(const std::string& name, const std::string& heading,
                             const checks::InputChange& change) {
    ComparedRun run = compared({name, heading, change});
    return {std::move(run.measured.run), std::move(run.comparison)};
  }

  /// All changes at once: only when that shows, a run for each tells which one it was.
  void variants() {
    checks::InputChange change = {takes(checks::kRenamed), exchanges_cells(), poisons_labels()};
    // Slices that were asked for in random order had random names, in no folder of a cell.
    if (facts_.hardened && facts_.hardened->run.ok() && facts_.hardened->comparison.equal) {
      if (change.names) facts_.renamed = facts_.hardened;
      if (change.cells) facts_.exchanged = facts_.hardened;
      change.names = change.cells = false;
      if (!change.labels) progress_.expect(-1);
    }
    const int changes = change.names + change.cells + change.labels;
    if (changes == 0) return;
    const checks::VariantRun all = variant("variant", heading(change), change);
    const bool apart = changes > 1 && !(all.run.ok() && all.comparison.equal);
    if (apart) progress_.expect(changes);
    const auto one = [&](const char* name, const checks::InputChange& alone) {
      return apart ? variant(name, heading(alone), alone) : all;
    };
    if (change.names) facts_.renamed = one("variant-names", {true, false, false});
    if (change.cells) facts_.exchanged = one("variant-folders", {false, true, false});
    if (change.labels) facts_.poisoned = one("variant-labels", {false, false, true});
  }

  static std::string heading(const checks::InputChange& change) {
    std::vector<const char*> parts;
    if (change.names) parts.push_back("other names");
    if (change.cells) parts.push_back("other folders");
    if (change.labels) parts.push_back("wrong labels");
    return fmt::format("{}", fmt::join(parts, ", "));
  }

  /// One thread where more were declared, else two: the least that differs.
  void other_threads() {
    const auto& env = facts_.project.reconstruct_step->env;
    const auto declared = env.find(kThreadVariables[0]);
    const int64_t usual = declared == env.end() ? 0 : std::atoll(declared->second.c_str());
    // Without a declaration libraries take every core.
    const int64_t threads = (usual > 0 ? usual : facts_.host.cores) > 1 ? 1 : 2;
    ComparedRun run = compared({"threads",
                                fmt::format("OMP_NUM_THREADS={}", threads),
                                {},
                                checks::SliceMode::kOfficial,
                                threads});
    facts_.threads = {{std::move(run.measured.run), std::move(run.comparison)}, threads, usual};
  }

  Facts& facts_;
  const CommandRunOptions& options_;
  const StepRecords& records_;
  RunProgress& progress_;
  ScratchFolder images_, poisoned_;
  const checks::PythonFolder packages_{checks::kPackageReporter};
  checks::CheckedGpu gpu_;
  checks::PaceRange official_, hardened_;  // slices in order, in random order
};

}  // namespace

double run_timeout_s(const challenge::Edition& edition, std::optional<double> chosen) {
  constexpr double kUsual = 7200;
  const challenge::Rule* limit = edition.find_rule("time.total");
  return chosen.value_or(limit && limit->limit ? 2 * *limit->limit : kUsual);
}

void run_command(Facts& facts, const CommandRunOptions& options, const StepRecords& records,
                 RunProgress& progress) {
  if (!(options.steps & checks::kRun)) return;
  if (facts.host.gpus.empty()) {
    facts.cpu_adapter = std::make_shared<checks::PythonFolder>(checks::kCpuAdapter);
  } else {
    facts.gpu_reporter = std::make_shared<checks::PythonFolder>(checks::kGpuReporter);
  }
  CommandRuns(facts, options, records, progress).make_all();
  if (options.steps & checks::kPace) predict_time(facts);
}

}  // namespace reconproof::workflows
