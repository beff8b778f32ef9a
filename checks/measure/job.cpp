// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/job.h"

#include <algorithm>
#include <cstdlib>

#include "system/error.h"
#include "system/files.h"

namespace reconproof::checks {

namespace fs = std::filesystem;
using submission::Step;
using system::Code;
using system::fail;

namespace {

/// Nothing that is shown may hold a data folder, or lie in one.
void refuse_data(const Job& job, const std::string& what, const fs::path& shown) {
  for (const auto& [name, folder] : job.data_folders()) {
    if (!overlaps(shown, folder)) continue;
    fail(Code::kInvalidArgument,
         "{}: {} names {}, and {} is {}: the command would see labels or training data; name only "
         "what it needs",
         submission::kProjectFile, what, shown.string(), name, folder.string());
  }
}

/// A folder that the command may see beside the project: an interpreter, a library. Never the
/// machine's own configuration, and never a place that covers something of the sandbox.
void check_read_only(const Job& job, const std::string& folder) {
  const std::string what = job.table + " read_only \"" + folder + "\"";
  const fs::path host = job.project.host(folder), real = resolved_path(host);
  const auto refuse = [&](const std::string& why) {
    fail(Code::kInvalidArgument, "{}: {} {}; name only the folder that the command needs",
         submission::kProjectFile, what, why);
  };
  if (folder.empty()) refuse("is empty");
  for (const char* system_folder : {"/etc", "/proc", "/sys", "/dev", "/run", "/boot"}) {
    if (system::is_below(real, system_folder)) refuse(fmt::format("lies in {}", system_folder));
  }
  const char* home = std::getenv("HOME");
  for (const char* whole : {"/", "/root", "/home", "/var", "/tmp", home ? home : "/"}) {
    if (real == without_slash(whole)) refuse("is far too much to show");
  }
  refuse_data(job, what, host);
  for (const fs::path& hidden : {job.project.root, job.project.host(job.step.outputs)}) {
    if (system::is_below(resolved_path(hidden), real)) refuse("holds " + hidden.string());
  }
  const fs::path place = job.place(folder);
  if (system::is_below(place, "/usr") && place == real) return;  // visible anyway
  check_place(what, place);
  for (const std::string& taken : {job.step.outputs, job.project.leaderboard}) {
    if (overlaps(place, job.place(taken))) refuse("would cover " + taken);
  }
}

}  // namespace

void check_place(const std::string& what, const fs::path& inside) {
  for (const char* taken :
       {"/usr", "/bin", "/lib", "/etc", "/proc", "/sys", "/dev", "/run", "/reconproof"}) {
    if (!system::is_below(inside, taken)) continue;
    fail(Code::kInvalidArgument,
         "{}: {} lies in {}, which is the sandbox's own; choose another place",
         submission::kProjectFile, what, taken);
  }
  if (system::is_below(kCodeFolder, inside)) {
    fail(Code::kInvalidArgument,
         "{}: {} is the project itself or a folder around it; name a folder of its own",
         submission::kProjectFile, what);
  }
}

void check_read_only(const Job& job) {
  for (const std::string& folder : job.step.read_only) check_read_only(job, folder);
}

std::vector<Job::Shown> Job::shown(const challenge::Cell& cell) const {
  if (options.drive && !options.drive->volumes.empty()) return {};
  const fs::path folder = cell.folder, images = options.images / folder / challenge::kImageFolder;
  std::vector<Shown> all;
  if (options.view.empty()) {
    all.push_back({kspace(cell), folder / challenge::kKspaceFolder});
    if (!options.images.empty()) all.push_back({images, folder / challenge::kImageFolder});
  }
  for (const ShownVolume& volume : options.view) {
    if (volume.shown_cell != cell.name) continue;
    all.push_back({volume.host, folder / challenge::kKspaceFolder / volume.shown_name});
    if (options.images.empty()) continue;
    const auto own = std::ranges::find(edition.cells, volume.cell, &challenge::Cell::name);
    all.push_back({options.images / own->folder / challenge::kImageFolder / volume.name,
                   folder / challenge::kImageFolder / volume.shown_name});
  }
  return all;
}

std::vector<std::pair<std::string, fs::path>> Job::data_folders() const {
  std::vector<std::pair<std::string, fs::path>> folders = {{"the leaderboard data", options.data}};
  for (const auto& [name, declared] :
       {std::pair<std::string, std::string>{"[data] leaderboard", project.leaderboard},
        {"[data] train", project.train},
        {"[data] val", project.val}}) {
    if (!declared.empty()) folders.push_back({name, project.host(declared)});
  }
  return folders;
}

void check_declared(const Job& job) {
  const Step& step = job.step;
  if (step.outputs.empty() || job.project.leaderboard.empty()) {
    fail(Code::kInvalidArgument, "{}: {} is missing; the harness must know where to {}",
         submission::kProjectFile,
         step.outputs.empty() ? "[steps.reconstruct] outputs" : "[data] leaderboard",
         step.outputs.empty() ? "look for reconstructions" : "put the k-space");
  }
  const fs::path outputs = job.place(step.outputs), data = job.place(job.project.leaderboard);
  check_place("[steps.reconstruct] outputs", outputs);
  check_place("[data] leaderboard", data);
  if (overlaps(outputs, data)) {
    fail(Code::kInvalidArgument, "{}: outputs and leaderboard data lie in each other",
         submission::kProjectFile);
  }
  if (job.has_weights()) {
    check_place("[steps.reconstruct] weights", job.place(step.weights));
    refuse_data(job, "[steps.reconstruct] weights", job.project.host(step.weights));
    if (overlaps(job.place(step.weights), outputs)) {
      fail(Code::kInvalidArgument, "{}: the weights lie in the outputs folder; keep them beside it",
           submission::kProjectFile);
    }
  }
  check_read_only(job);
  for (const fs::path& folder : job.options.runtime_folders)
    refuse_data(job, "our own runtime", folder);
  refuse_data(job, "the sandbox", "/usr");
}

std::string missing_input(const Job& job) {
  std::error_code ignored;
  if (job.has_weights() && !fs::exists(job.project.host(job.step.weights), ignored)) {
    return fmt::format(
        "weights: {} is not there; train first, or correct [steps.reconstruct] weights in {}",
        job.project.host(job.step.weights).string(), submission::kProjectFile);
  }
  for (const challenge::Cell& cell : job.edition.cells) {
    if (!system::is_folder(job.kspace(cell))) {
      return fmt::format("leaderboard data: {} is not there; name the folder that holds {}/kspace",
                         job.kspace(cell).string(), cell.folder);
    }
  }
  for (const std::string& folder : job.step.read_only) {
    if (!fs::exists(job.project.host(folder), ignored)) {
      return fmt::format("read_only: {} is not there; correct [steps.reconstruct] read_only in {}",
                         job.project.host(folder).string(), submission::kProjectFile);
    }
  }
  return "";
}

std::vector<fs::path> hidden_paths(const Job& job) {
  std::vector<fs::path> hidden = {job.project.root / ".git",
                                  job.project.root / submission::kStateFolder,
                                  job.project.host(job.step.outputs), job.options.recon_folder};
  if (job.has_weights()) hidden.push_back(job.project.host(job.step.weights));
  for (const auto& [name, folder] : job.data_folders()) hidden.push_back(folder);
  return hidden;
}

}  // namespace reconproof::checks
