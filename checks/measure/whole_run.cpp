// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/whole_run.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "challenge/dataset/folder.h"
#include "checks/measure/slice_run.h"
#include "checks/measure/team_tree.h"
#include "system/error.h"
#include "system/files.h"
#include "system/process.h"
#include "system/sandbox_child.h"

namespace reconproof::checks {
namespace {

namespace fs = std::filesystem;
using submission::Project;
using submission::Step;
using system::Code;
using system::fail;

constexpr const char* kCode = "/team/code";
constexpr const char* kBin = "/reconproof/bin";
constexpr const char* kPython = "/reconproof/python";
constexpr const char* kDriver = "/reconproof/slice";
constexpr const char* kVolumes = "/reconproof/volumes";
constexpr int kDriverSocket = 10;  // its number in the driven command
constexpr size_t kTailBytes = 8192;
constexpr int64_t kCopyLimit = int64_t{2} << 30;

/// A project and where its declared places are inside the sandbox.
struct Job {
  const Project& project;
  const Step& step;
  const challenge::Edition& edition;
  const WholeRunOptions& options;

  fs::path place(const std::string& declared) const {
    return without_slash(
        (fs::path(kCode) / declared).lexically_normal());  // an absolute one replaces kCode
  }
  fs::path kspace(const challenge::Cell& cell) const {
    return challenge::cell_folder(edition, cell, options.data) / challenge::kKspaceFolder;
  }
  /// A file or folder of the host, and where the command sees it below its leaderboard folder.
  struct Shown {
    fs::path host, inside;
  };

  /// What a cell's folder shows: k-space, and copies of the image files where the step reads them.
  std::vector<Shown> shown(const challenge::Cell& cell) const {
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
  bool has_weights() const { return !step.weights.empty(); }

  /// What is started: the step's command, or the driver in its place. `driver`, `volumes`: where
  /// the command sees these folders.
  std::vector<std::string> argv(const fs::path& driver, const fs::path& volumes) const {
    if (!options.drive) return step.command;
    return driver_command(step, driver / kSliceDriver, kDriverSocket, volumes);
  }
  std::vector<system::PassedDescriptor> descriptors() const {
    if (!options.drive) return {};
    return {{options.drive->socket, kDriverSocket}};
  }

  /// Host folders that hold labels or training data.
  std::vector<std::pair<std::string, fs::path>> data_folders() const {
    std::vector<std::pair<std::string, fs::path>> folders = {
        {"the leaderboard data", options.data}};
    for (const auto& [name, declared] :
         {std::pair<std::string, std::string>{"[data] leaderboard", project.leaderboard},
          {"[data] train", project.train},
          {"[data] val", project.val}}) {
      if (!declared.empty()) folders.push_back({name, project.host(declared)});
    }
    return folders;
  }
};

// ---- what a project may declare ----

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

void check_place(const std::string& what, const fs::path& inside) {
  for (const char* taken :
       {"/usr", "/bin", "/lib", "/etc", "/proc", "/sys", "/dev", "/run", "/reconproof"}) {
    if (!is_below(inside, taken)) continue;
    fail(Code::kInvalidArgument,
         "{}: {} lies in {}, which is the sandbox's own; choose another place",
         submission::kProjectFile, what, taken);
  }
  if (is_below(kCode, inside)) {
    fail(Code::kInvalidArgument,
         "{}: {} is the project itself or a folder around it; name a folder of its own",
         submission::kProjectFile, what);
  }
}

/// A folder that the command may see beside the project: an interpreter, a library. Never the
/// machine's own configuration, and never a place that covers something of the sandbox.
void check_read_only(const Job& job, const std::string& folder) {
  const std::string what = "[steps.reconstruct] read_only \"" + folder + "\"";
  const fs::path host = job.project.host(folder), real = resolved_path(host);
  const auto refuse = [&](const std::string& why) {
    fail(Code::kInvalidArgument, "{}: {} {}; name only the folder that the command needs",
         submission::kProjectFile, what, why);
  };
  if (folder.empty()) refuse("is empty");
  for (const char* system_folder : {"/etc", "/proc", "/sys", "/dev", "/run", "/boot"}) {
    if (is_below(real, system_folder)) refuse(fmt::format("lies in {}", system_folder));
  }
  const char* home = std::getenv("HOME");
  for (const char* whole : {"/", "/root", "/home", "/var", "/tmp", home ? home : "/"}) {
    if (real == without_slash(whole)) refuse("is far too much to show");
  }
  refuse_data(job, what, host);
  for (const fs::path& hidden : {job.project.root, job.project.host(job.step.outputs)}) {
    if (is_below(resolved_path(hidden), real)) refuse("holds " + hidden.string());
  }
  const fs::path place = job.place(folder);
  if (is_below(place, "/usr") && place == real) return;  // visible anyway
  check_place(what, place);
  for (const std::string& taken : {job.step.outputs, job.project.leaderboard}) {
    if (overlaps(place, job.place(taken))) refuse("would cover " + taken);
  }
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
  for (const std::string& folder : step.read_only) check_read_only(job, folder);
  for (const fs::path& folder : job.options.runtime_folders)
    refuse_data(job, "our own runtime", folder);
  refuse_data(job, "the sandbox", "/usr");
}

/// Something that is not there, in words; empty when all is.
std::string missing_input(const Job& job) {
  std::error_code ignored;
  if (job.has_weights() && !fs::exists(job.project.host(job.step.weights), ignored)) {
    return fmt::format(
        "weights: {} is not there; train first, or correct [steps.reconstruct] weights in {}",
        job.project.host(job.step.weights).string(), submission::kProjectFile);
  }
  for (const challenge::Cell& cell : job.edition.cells) {
    if (!fs::is_directory(job.kspace(cell), ignored)) {
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

/// What the copy or view of the project leaves out: it is shown from elsewhere, or not at all.
std::vector<fs::path> hidden_paths(const Job& job) {
  std::vector<fs::path> hidden = {job.project.root / ".git",
                                  job.project.root / submission::kStateFolder,
                                  job.project.host(job.step.outputs), job.options.recon_folder};
  if (job.has_weights()) hidden.push_back(job.project.host(job.step.weights));
  for (const auto& [name, folder] : job.data_folders()) hidden.push_back(folder);
  return hidden;
}

/// `python`: where the command sees the adapter.
std::map<std::string, std::string> environment(const Job& job, const std::string& bin,
                                               const std::string& home, const std::string& python) {
  std::map<std::string, std::string> env = {{"PATH", bin + ":/usr/local/bin:/usr/bin:/bin"},
                                            {"HOME", home},
                                            {"LANG", "C.UTF-8"},
                                            {"PYTHONDONTWRITEBYTECODE", "1"}};
  for (const auto* more : {&job.step.env, &job.options.env}) {
    for (const auto& [name, value] : *more) env[name] = value;
  }
  if (!job.options.python_adapter.empty()) {
    std::string& path = env["PYTHONPATH"];
    path = path.empty() ? python : python + ":" + path;
  }
  return env;
}

/// The last bytes, from the beginning of a UTF-8 character on.
std::string tail_of(const std::string& output) {
  if (output.size() <= kTailBytes) return output;
  size_t begin = output.size() - kTailBytes;
  while (begin < output.size() && (output[begin] & 0xC0) == 0x80) ++begin;
  return output.substr(begin);
}

/// What a sandboxed and a plain run have in common.
template <typename Run>
void copy_outcome(const Run& run, WholeRunResult& result) {
  result.exit_code = run.exit_code;
  result.signal = run.signal;
  result.timed_out = run.timed_out;
  result.stopped = run.stopped;
  result.limits_by = run.limits_by;
  result.wall_s = run.wall_s;
  result.cpu_s = run.cpu_s;
  result.peak_rss_bytes = run.peak_rss_bytes;
  result.peak_cgroup_bytes = run.peak_cgroup_bytes;
  result.output_tail = tail_of(run.output);
}

// ---- isolated ----

system::SandboxSpec sandbox_spec(const Job& job, const fs::path& outputs) {
  system::SandboxSpec spec;
  spec.argv = job.argv(kDriver, kVolumes);
  spec.descriptors = job.descriptors();
  spec.env = environment(job, kBin, "/tmp", kPython);
  spec.working_directory = kCode;
  show_tree(job.project.root, kCode, hidden_paths(job), spec);
  if (job.has_weights()) {
    spec.mounts.push_back({job.project.host(job.step.weights), job.place(job.step.weights)});
    spec.write_prefixes.push_back(job.place(job.step.weights).string());
  }
  const fs::path data = job.place(job.project.leaderboard);
  for (const challenge::Cell& cell : job.edition.cells) {
    for (const Job::Shown& shown : job.shown(cell)) {
      if (fs::is_directory(shown.host))
        show_flat(shown.host, data / shown.inside, spec);
      else
        spec.mounts.push_back({shown.host, data / shown.inside});
    }
    for (const fs::path& root :
         {data, resolved_path(job.options.data), job.project.host(job.project.leaderboard)}) {
      // Where copies without labels are shown, opening one is no attempt.
      if (root == data && !job.options.images.empty()) continue;
      spec.watch_prefixes.push_back((root / cell.folder / "image").lexically_normal().string());
    }
  }
  for (const char* machine : {"/proc/sys", "/proc/sysrq-trigger", "/sys/fs/cgroup"})
    spec.write_prefixes.push_back(machine);
  spec.write_prefixes.push_back(data.string());
  spec.mounts.push_back({outputs, job.place(job.step.outputs), true});
  spec.mounts.push_back({system::sandbox_helper_program().parent_path(), kBin});
  if (!job.options.python_adapter.empty())
    spec.mounts.push_back({job.options.python_adapter, kPython});
  if (const SliceDrive* drive = job.options.drive) {
    spec.mounts.push_back({drive->driver, kDriver});
    if (!drive->volumes.empty()) spec.mounts.push_back({drive->volumes, kVolumes});
    spec.write_prefixes.push_back(kVolumes);
    if (job.options.images.empty())
      spec.watch_prefixes.push_back(std::string(kVolumes) + "/" + challenge::kImageFolder);
  }
  for (const fs::path& folder : job.options.runtime_folders)
    spec.mounts.push_back({folder, folder});
  for (const std::string& folder : job.step.read_only) {
    spec.mounts.push_back({job.project.host(folder), job.place(folder)});
  }
  spec.limits = job.options.limits;
  spec.timeout_s = job.options.timeout_s;
  spec.capture_bytes = 4 * kTailBytes;
  spec.on_output = job.options.on_output;
  spec.bwrap = job.options.bwrap;
  return spec;
}

/// Samples what a run takes of the GPU, where there is a monitor.
class GpuWatch {
 public:
  explicit GpuWatch(system::GpuMonitor* monitor) {
    if (monitor) sampler_.emplace(*monitor);
  }
  void start(pid_t root) {
    if (sampler_) sampler_->watch(root);
  }
  system::GpuUse finish() { return sampler_ ? sampler_->finish() : system::GpuUse(); }

 private:
  std::optional<system::GpuSampler> sampler_;
};

void started(const Job& job, GpuWatch& gpu, pid_t root,
             std::shared_ptr<system::TreeControl> control) {
  gpu.start(root);
  if (job.options.drive) job.options.drive->on_start(root, std::move(control));
}

WholeRunResult run_isolated(const Job& job, const fs::path& outputs) {
  GpuWatch gpu(job.options.gpu);
  system::SandboxSpec spec = sandbox_spec(job, outputs);
  std::shared_ptr<system::TreeControl> control;
  spec.on_control = [&](std::shared_ptr<system::TreeControl> tree) { control = std::move(tree); };
  spec.on_start = [&](pid_t root) { started(job, gpu, root, control); };
  const system::SandboxResult run = system::run_in_sandbox(spec);
  WholeRunResult result;
  result.gpu = gpu.finish();
  result.isolated = run.refused_reason.empty();
  result.refused_reason = run.refused_reason;
  result.observed = run.observed;
  result.unobserved_reason = run.unobserved_reason;
  if (!run.start_error.empty())
    result.not_run = fmt::format("{}: {}", job.step.command[0], run.start_error);
  copy_outcome(run, result);
  result.attempts = run.attempts;
  return result;
}

// ---- not isolated ----

/// A copy of the project with its surroundings, deep enough for ../../../.
class Shadow {
 public:
  explicit Shadow(const Job& job) : job_(job), code_(folder_.path() / "1/2/3/4/5/6/team/code") {}

  fs::path code() const { return code_; }
  fs::path home() const { return folder_.path() / "home"; }
  fs::path outputs() const { return shadow(job_.step.outputs); }

  /// Why the command cannot be run like this; empty when it can.
  std::string build() {
    for (const std::string& declared :
         {job_.step.outputs, job_.project.leaderboard, job_.step.weights}) {
      if (!declared.empty() && fs::path(declared).is_relative() &&
          !is_below(shadow(declared), folder_.path())) {
        return fmt::format("{} leads too far up for a run without a sandbox", declared);
      }
    }
    if (fs::path(job_.step.outputs).is_absolute()) {
      return fmt::format(
          "outputs go to the absolute path {}; without a sandbox that would overwrite the team's "
          "files",
          job_.step.outputs);
    }
    system::make_folders(home());
    if (!copy_tree(job_.project.root, code_, hidden_paths(job_), kCopyLimit)) {
      return fmt::format(
          "{} holds more than {} bytes, too many to copy for a run without a sandbox; move data "
          "and "
          "results out of it",
          job_.project.root.string(), kCopyLimit);
    }
    system::make_folders(outputs());
    if (job_.has_weights()) link(job_.project.host(job_.step.weights), job_.step.weights);
    return show_data();
  }

 private:
  fs::path shadow(const std::string& declared) const {
    return without_slash((code_ / declared).lexically_normal());
  }

  void link(const fs::path& host, const std::string& declared) const {
    if (fs::path(declared).is_absolute()) return;  // it is itself
    system::make_folders(shadow(declared).parent_path());
    fs::create_symlink(resolved_path(host), shadow(declared));
  }

  std::string show_data() const {
    const fs::path declared = job_.project.leaderboard;
    if (declared.is_absolute()) {
      const bool as_it_is = job_.options.view.empty() && job_.options.images.empty();
      if (as_it_is && resolved_path(declared) == resolved_path(job_.options.data)) return "";
      return fmt::format(
          "the command reads the absolute path {}; without a sandbox it cannot be given {} there",
          declared.string(), job_.options.data.string());
    }
    for (const challenge::Cell& cell : job_.edition.cells) {
      for (const Job::Shown& shown : job_.shown(cell))
        link(shown.host, (declared / shown.inside).string());
    }
    return "";
  }

  const Job& job_;
  system::TemporaryFolder folder_;
  fs::path code_;
};

WholeRunResult run_unisolated(const Job& job, const fs::path& outputs,
                              const std::string& refused_reason) {
  WholeRunResult result;
  result.refused_reason = refused_reason;
  result.unobserved_reason = "it ran without a sandbox";
  Shadow shadow(job);
  result.not_run = shadow.build();
  if (!result.not_run.empty()) return result;
  system::ProcessSpec spec;
  const SliceDrive* drive = job.options.drive;
  spec.argv = job.argv(drive ? drive->driver : fs::path(), drive ? drive->volumes : fs::path());
  spec.descriptors = job.descriptors();
  spec.env = environment(job, system::sandbox_helper_program().parent_path().string(),
                         shadow.home().string(), job.options.python_adapter.string());
  spec.env.try_emplace("TMPDIR", shadow.home().string());
  spec.working_directory = shadow.code();
  spec.timeout_s = job.options.timeout_s;
  spec.capture_bytes = 4 * kTailBytes;
  spec.on_output = job.options.on_output;
  const system::SandboxLimits& limits = job.options.limits;
  spec.limits = system::GroupLimits{limits.memory_bytes, limits.processes};
  GpuWatch gpu(job.options.gpu);
  std::shared_ptr<system::TreeControl> control;
  spec.on_control = [&](std::shared_ptr<system::TreeControl> tree) { control = std::move(tree); };
  spec.on_start = [&](pid_t root) { started(job, gpu, root, control); };
  const system::ProcessResult run = system::run_process(spec);
  result.gpu = gpu.finish();
  result.not_run = run.start_error;
  copy_outcome(run, result);
  result.strange_outputs = remove_strange(shadow.outputs());
  move_files(shadow.outputs(), outputs);
  return result;
}

}  // namespace

WholeRunResult whole_run(const Project& project, const challenge::Edition& edition,
                         const WholeRunOptions& options) {
  if (!project.reconstruct_step || project.reconstruct_step->command.empty()) {
    fail(Code::kInvalidArgument,
         "{}: [steps.reconstruct] command is missing; declare how to reconstruct",
         (project.root / submission::kProjectFile).string());
  }
  const Job job{project, *project.reconstruct_step, edition, options};
  check_declared(job);
  WholeRunResult result;
  result.not_run = missing_input(job);
  if (!result.not_run.empty()) {
    result.refused_reason = "it was not run: " + result.not_run;
    result.output_tail = fmt::format("reconproof: {}\n", result.not_run);
    return result;
  }

  system::StagedFolder outputs(options.recon_folder);
  const std::string& refused = system::probe_sandbox(options.bwrap).refused_reason;
  if (!refused.empty()) {
    result = run_unisolated(job, outputs.path(), refused);
  } else {
    result = run_isolated(job, outputs.path());
    // The machine can isolate: whatever prevents it now comes from the submission, which must not
    // gain a run outside by it.
    if (!result.isolated) result.not_run = "it could not be isolated: " + result.refused_reason;
  }
  for (const std::string& name : remove_strange(outputs.path()))
    result.strange_outputs.push_back(name);
  // What ends a run from outside is not in its output: it stands there as its last line.
  const std::string& ended = result.not_run.empty() ? result.stopped : result.not_run;
  if (!ended.empty()) result.output_tail += fmt::format("reconproof: {}\n", ended);
  outputs.commit();
  if (!options.view.empty()) restore_names(options.view, options.recon_folder);
  result.recon_folder = options.recon_folder;
  return result;
}

}  // namespace reconproof::checks
