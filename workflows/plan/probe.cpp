// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/plan/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <complex>
#include <sstream>

#include "challenge/dataset/folder.h"
#include "checks/measure/gpu_report.h"
#include "checks/measure/python_folder.h"
#include "checks/measure/whole_run.h"
#include "formats/hdf5.h"
#include "system/build_info.h"
#include "system/environment.h"
#include "system/error.h"
#include "system/files.h"
#include "system/host.h"
#include "system/process.h"

namespace reconproof::workflows {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using system::Code;
using system::fail;

constexpr int kStoppedByUs = 86;  // python/training_ledger
constexpr size_t kTail = 2000;
constexpr double kStartSpread = 0.1;  // of two starts of the same program
constexpr int64_t kMostLedger = int64_t{256} << 20;

bool tells_of_memory(std::string_view output) {
  constexpr std::array kWords = {"out of memory", "can't allocate memory", "MemoryError",
                                 "OutOfMemoryError"};
  return std::ranges::any_of(
      kWords, [&](std::string_view words) { return output.find(words) != std::string_view::npos; });
}

int64_t slices_of(const fs::path& volume) {
  return formats::open_confined(volume)->dataset(challenge::kKspaceSet).shape[0];
}

/// A training set of this one volume, so often that an epoch has more slices than the probe makes:
/// what trainers do at an epoch's end, checkpoints above all, is not reached.
void link_volume(const fs::path& volume, int64_t slices, const fs::path& folder) {
  const fs::path image =
      volume.parent_path().parent_path() / challenge::kImageFolder / volume.filename();
  const int64_t copies = slices / slices_of(volume) + 1;
  for (const auto& [part, file] :
       {std::pair{challenge::kKspaceFolder, volume}, {challenge::kImageFolder, image}}) {
    system::make_folders(folder / part);
    std::error_code ignored;
    if (!fs::exists(file, ignored)) continue;
    for (int64_t copy = 1; copy <= copies; ++copy) {
      const std::string name = copy == 1 ? file.filename().string()
                                         : fmt::format("{}_{}.h5", file.stem().string(), copy);
      fs::create_symlink(fs::absolute(file), folder / part / name);
    }
  }
}

std::vector<std::string> filled_in(const std::vector<std::string>& command, const fs::path& data) {
  std::vector<std::string> argv;
  bool found = false;
  for (std::string word : command) {
    for (size_t at = 0; (at = word.find(kDataPlaceholder, at)) != std::string::npos;) {
      word.replace(at, std::string_view(kDataPlaceholder).size(), data.string());
      found = true;
    }
    argv.push_back(word);
  }
  if (!found) {
    fail(Code::kUsage,
         "plan --probe: the command has no {}; write it where the folder of the training data "
         "stands, "
         "as in: -- python3 train.py -t {} -v {}",
         kDataPlaceholder, kDataPlaceholder, kDataPlaceholder);
  }
  return argv;
}

/// What the watched processes wrote down of their updates.
struct SeenUpdates {
  int64_t updates = 0;
  std::optional<double> update_s;  // of one, the first left out
};

/// Of the process that made most. A stranger's process wrote it: what is no number does not count.
SeenUpdates read_updates(const fs::path& folder) {
  SeenUpdates most;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".jsonl") continue;
    std::vector<double> ends;
    std::istringstream lines(system::read_file(entry.path(), kMostLedger));
    for (std::string line; std::getline(lines, line);) {
      const json update = json::parse(line, nullptr, false);
      if (!update.is_object() || update.value("kind", json()) != "update") continue;
      if (const json end = update.value("clock_s", json()); end.is_number())
        ends.push_back(end.get<double>());
    }
    if (std::ssize(ends) <= most.updates) continue;
    most.updates = std::ssize(ends);
    most.update_s.reset();
    if (ends.size() > 1)
      most.update_s =
          std::max(0.0, ends.back() - ends.front()) / static_cast<double>(ends.size() - 1);
  }
  return most;
}

std::string failure_of(const system::ProcessResult& run, const SeenUpdates& seen_updates) {
  if (!run.start_error.empty()) return "it did not start: " + run.start_error;
  if (seen_updates.update_s) return "";
  const std::string seen = seen_updates.updates == 0
                               ? "no update of a torch optimizer was seen"
                               : "only one update was seen, from which no time follows (--updates)";
  if (run.timed_out) return seen + " before its time was up (--timeout)";
  if (!run.stopped.empty()) return seen + ": " + run.stopped;
  if (run.exit_code == 0 || run.exit_code == kStoppedByUs) return seen;
  return fmt::format("{}: it ended {}", seen,
                     run.signal ? fmt::format("by signal {}", run.signal)
                                : fmt::format("with exit code {}", run.exit_code));
}

/// The first slices of a volume as a leaderboard in which every cell has it.
void write_leaderboard(const challenge::Edition& edition, const fs::path& volume, int64_t slices,
                       const fs::path& folder) {
  const auto reader = formats::open_confined(volume);
  const formats::Shape whole = reader->dataset(challenge::kKspaceSet).shape;
  formats::Shape shape = whole;
  shape[0] = slices;
  std::vector<std::complex<float>> kspace(
      static_cast<size_t>(formats::element_count(shape, volume.string())));
  reader->read(challenge::kKspaceSet, 0, slices, std::span(kspace));
  const std::vector<float> mask = reader->read_floats(challenge::kMaskSet);
  for (const challenge::Cell& cell : edition.cells) {
    const fs::path place = folder / cell.folder;
    system::make_folders(place / challenge::kKspaceFolder);
    system::make_folders(place / challenge::kImageFolder);
    formats::Hdf5Writer writer(place / challenge::kKspaceFolder / volume.filename());
    writer.write(challenge::kKspaceSet, shape, std::span<const std::complex<float>>(kspace));
    writer.write(challenge::kMaskSet, {std::ssize(mask)}, std::span<const float>(mask));
    writer.commit();
  }
}

/// Why the reconstruct step cannot be probed; empty when it can.
std::string obstacle(const ProbeOptions& options, std::optional<submission::Project>& project) {
  std::error_code ignored;
  if (!fs::exists(options.project / submission::kProjectFile, ignored)) {
    return fmt::format(
        "{} is not there: `reconproof init`, and --project DIR, to have the "
        "reconstruction measured too",
        (options.project / submission::kProjectFile).string());
  }
  project = submission::load_project(options.project);
  if (!project->reconstruct_step) return "reconproof.toml declares no [steps.reconstruct]";
  if (project->reconstruct_step->reads_images)
    return "the reconstruct step reads images; `check` measures it";
  if (project->reconstruct_step->contract == "slice")
    return "the reconstruct step keeps the slice contract; `check` measures it";
  const fs::path weights = project->host(project->reconstruct_step->weights);
  if (!project->reconstruct_step->weights.empty() && !fs::exists(weights, ignored))
    return weights.string() + ": no weights yet; train an epoch, then probe again";
  return "";
}

checks::WholeRunResult reconstruct_once(const ProbeOptions& options,
                                        const submission::Project& project,
                                        const challenge::Edition& edition, checks::CheckedGpu& gpu,
                                        int64_t slices) {
  const system::TemporaryFolder folder;
  write_leaderboard(edition, options.data.largest_volume, slices, folder.path() / "data");
  checks::WholeRunOptions run;
  run.data = folder.path() / "data";
  run.recon_folder = folder.path() / "recon";
  run.timeout_s = options.timeout_s;
  run.runtime_folders = {system::build_info().libtorch_folders.begin(),
                         system::build_info().libtorch_folders.end()};
  run.on_output = options.on_output;
  run.gpu = &gpu;
  std::optional<checks::PythonFolder> adapter;
  if (system::host_info().gpus.empty()) {
    adapter.emplace(checks::kCpuAdapter);
    run.python_adapters = {adapter->path()};
  }
  return checks::whole_run(project, edition, run);
}

std::string failure_of(const checks::WholeRunResult& run) {
  if (!run.not_run.empty()) return run.not_run;
  if (run.timed_out) return "its time was up (--timeout)";
  if (!run.stopped.empty()) return run.stopped;
  const std::string last = run.output_tail.substr(run.output_tail.size() -
                                                  std::min<size_t>(run.output_tail.size(), 300));
  return fmt::format("it ended with exit code {}: {}", run.exit_code, last);
}

}  // namespace

ProbedTraining probe_training(const ProbeOptions& options, checks::CheckedGpu& gpu) {
  const system::TemporaryFolder folder;
  const fs::path data = folder.path() / "data", ledger = folder.path() / "ledger",
                 reports = folder.path() / "reports";
  link_volume(options.data.largest_volume, options.updates * options.batch, data);
  system::make_folders(ledger);
  system::make_folders(reports);

  const checks::PythonFolder writer(checks::kTrainingLedger);
  const bool has_gpu = !system::host_info().gpus.empty();
  const checks::PythonFolder adapter(has_gpu ? checks::kGpuReporter : checks::kCpuAdapter);
  system::ProcessSpec spec;
  spec.argv = filled_in(options.command, data);
  spec.env = system::inherited_environment();
  const std::string before = spec.env["PYTHONPATH"];
  spec.env["PYTHONPATH"] =
      writer.path().string() + ":" + adapter.path().string() + (before.empty() ? "" : ":" + before);
  spec.env["RECONPROOF_TRAINING_LEDGER"] = ledger.string();
  spec.env["RECONPROOF_TRAINING_STEPS"] = std::to_string(options.updates);
  spec.env[checks::kGpuReportVariable] = reports.string();
  spec.env.try_emplace("PYTHONUNBUFFERED", "1");
  spec.env.try_emplace("WANDB_MODE", "offline");
  spec.timeout_s = options.timeout_s;
  spec.on_output = options.on_output;
  const std::unique_ptr<system::GpuSampler> sampler = gpu.sampler();
  if (sampler) spec.on_start = [&](pid_t root) { sampler->watch(root); };
  const system::ProcessResult run = system::run_process(spec);
  const SeenUpdates seen = read_updates(ledger);

  ProbedTraining result;
  if (sampler) result.gpu = gpu.use(*sampler);
  const checks::ChildGpuPeak told = checks::read_gpu_reports(reports);
  result.gpu.child_peak_reserved_bytes = told.reserved_bytes;
  result.gpu.child_peak_allocated_bytes = told.allocated_bytes;
  result.updates = seen.updates;
  result.update_s = seen.update_s;
  result.peak_rss_bytes = run.peak_rss_bytes;
  result.wall_s = run.wall_s;
  result.failure = failure_of(run, seen);
  result.output_tail = run.output.substr(run.output.size() - std::min(run.output.size(), kTail));
  result.out_of_memory = !result.failure.empty() && tells_of_memory(run.output);
  return result;
}

ProbedReconstruction probe_reconstruction(const ProbeOptions& options,
                                          const challenge::Edition& edition,
                                          checks::CheckedGpu& gpu) {
  ProbedReconstruction result;
  std::optional<submission::Project> project;
  result.left_out = obstacle(options, project);
  if (!result.left_out.empty()) return result;
  const int64_t slices = slices_of(options.data.largest_volume);
  if (slices < 2) {
    result.left_out = "the largest volume has one slice: start and slices cannot be told apart";
    return result;
  }
  const checks::WholeRunResult one = reconstruct_once(options, *project, edition, gpu, 1);
  const checks::WholeRunResult all =
      one.ok() ? reconstruct_once(options, *project, edition, gpu, slices) : one;
  result.gpu = all.gpu;
  result.peak_rss_bytes = all.peak_rss_bytes;
  if (!all.ok()) {
    result.failure = failure_of(all);
    result.out_of_memory = tells_of_memory(all.output_tail);
    return result;
  }
  const double cells = static_cast<double>(edition.cells.size());
  const double more = cells * static_cast<double>(slices - 1);
  result.slice_s = std::max(0.0, (all.wall_s - one.wall_s) / more);
  result.slice_error_s = kStartSpread * one.wall_s / more;
  result.start_s = std::max(0.0, one.wall_s - cells * *result.slice_s);
  return result;
}

}  // namespace reconproof::workflows
