// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/whole_run.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "checks/measure/command_run.h"
#include "checks/measure/gpu_report.h"
#include "checks/measure/job.h"
#include "system/error.h"
#include "system/files.h"
#include "system/process.h"
#include "system/sandbox_child.h"

namespace reconproof::checks {
namespace {

namespace fs = std::filesystem;
using submission::Project;
using system::Code;
using system::fail;

constexpr int64_t kCopyLimit = int64_t{2} << 30;

// ---- isolated ----

system::SandboxSpec sandbox_spec(const Job& job, const fs::path& outputs) {
  system::SandboxSpec spec;
  begin_command(job, hidden_paths(job), spec);
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
  spec.write_prefixes.push_back(data.string());
  spec.mounts.push_back({outputs, job.place(job.step.outputs), true});
  if (const SliceDrive* drive = job.options.drive) {
    spec.mounts.push_back({drive->driver, kDriver});
    if (!drive->volumes.empty()) spec.mounts.push_back({drive->volumes, kVolumes});
    spec.write_prefixes.push_back(kVolumes);
    if (job.options.images.empty())
      spec.watch_prefixes.push_back(std::string(kVolumes) + "/" + challenge::kImageFolder);
  }
  finish_command(job, spec);
  return spec;
}

/// What goes on beside a run: samples of what it takes of the GPU, where one is to be looked at,
/// and the conversation with a command that is driven.
class Companions {
 public:
  explicit Companions(const WholeRunOptions& options) : drive_(options.drive), gpu_(options.gpu) {
    system::make_folders(reports());
    if (gpu_) sampler_ = gpu_->sampler();
  }

  /// Has them begin with the run. `spec`: a SandboxSpec or a ProcessSpec.
  template <typename Spec>
  void join(Spec& spec) {
    spec.on_control = [this](std::shared_ptr<system::TreeControl> tree) {
      control_ = std::move(tree);
    };
    spec.on_start = [this](pid_t root) {
      if (sampler_) sampler_->watch(root);
      if (drive_) drive_->on_start(root, control_);
    };
  }
  /// Where the command's own account of it may be left.
  fs::path reports() const { return folder_.path() / "reports"; }
  system::GpuUse finish() {
    if (!sampler_) return {};
    system::GpuUse use = gpu_->use(*sampler_);
    const ChildGpuPeak told = read_gpu_reports(reports());
    use.child_peak_reserved_bytes = told.reserved_bytes;
    use.child_peak_allocated_bytes = told.allocated_bytes;
    return use;
  }

 private:
  // Around the folder that belongs to the sandbox's uid during a run: if we are killed meanwhile,
  // the next harness knows this one as ours.
  system::TemporaryFolder folder_;
  const SliceDrive* drive_;
  CheckedGpu* gpu_;
  std::unique_ptr<system::GpuSampler> sampler_;
  std::shared_ptr<system::TreeControl> control_;
};

WholeRunResult run_isolated(const Job& job, const fs::path& outputs) {
  Companions companions(job.options);
  system::SandboxSpec spec = sandbox_spec(job, outputs);
  spec.mounts.push_back({companions.reports(), kReports, true});
  spec.env[kGpuReportVariable] = kReports;
  companions.join(spec);
  const system::SandboxResult run = system::run_in_sandbox(spec);
  WholeRunResult result;
  result.gpu = companions.finish();
  result.python = read_package_reports(companions.reports());
  copy_sandbox_outcome(job, run, result);
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
          !system::is_below(shadow(declared), folder_.path())) {
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
  spec.env = command_environment(job, system::sandbox_helper_program().parent_path().string(),
                                 shadow.home().string(), job.options.python_adapters);
  spec.env.try_emplace("TMPDIR", shadow.home().string());
  spec.working_directory = shadow.code();
  spec.timeout_s = job.options.timeout_s;
  spec.capture_bytes = kCaptureBytes;
  spec.on_output = job.options.on_output;
  const system::SandboxLimits& limits = job.options.limits;
  spec.limits = system::GroupLimits{limits.memory_bytes, limits.processes};
  Companions companions(job.options);
  spec.env[kGpuReportVariable] = companions.reports().string();
  companions.join(spec);
  const system::ProcessResult run = system::run_process(spec);
  result.gpu = companions.finish();
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
