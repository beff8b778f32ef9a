// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The whole-run contract: the declared command once, cold, from its start to its exit, seeing
// nothing but the project, its weights and the leaderboard's k-space.
//
// Inside, the project is /team/code and relative places keep their meaning (../result/NAME is
// /team/result/NAME); absolute ones are themselves. Earlier outputs, data folders, .git and
// .reconproof are not there, nor is any image file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "challenge/edition.h"
#include "checks/measure/checked_gpu.h"
#include "checks/measure/input_view.h"
#include "checks/measure/package_report.h"
#include "submission/project.h"
#include "system/sandbox.h"
#include "system/tree_control.h"

namespace reconproof::checks {

/// Where a command is not started itself but driven, slice by slice (slice_run.h).
struct SliceDrive {
  std::filesystem::path driver;   // host folder of the driver (PythonFolder)
  int socket = -1;                // the driver's end
  std::filesystem::path volumes;  // host folder that shows the data, one volume at a time; empty:
                                  // all data are there from the start
  std::function<void(pid_t guard, std::shared_ptr<system::TreeControl>)> on_start;
};

struct WholeRunOptions {
  std::filesystem::path data;  // host folder that holds <cell>/kspace
  std::filesystem::path
      recon_folder;  // where the fresh outputs go; whatever stands there is replaced
  /// Holds <cell>/image with what a step that reads images may see (write_image_inputs); empty:
  /// nothing.
  std::filesystem::path images;
  /// The data under other names (view_inputs); empty: as they are.
  std::vector<ShownVolume> view;
  double timeout_s = 0;  // 0: none
  std::vector<std::filesystem::path>
      runtime_folders;                     // outside /usr, for our own programs (LibTorch)
  std::map<std::string, std::string> env;  // over the step's
  std::vector<std::filesystem::path> python_adapters;  // go in front of PYTHONPATH
  system::SandboxLimits limits;
  std::function<void(std::string_view)> on_output;
  const SliceDrive* drive = nullptr;  // null: the step's command is run as it is
  CheckedGpu* gpu = nullptr;          // null: GPU memory is not looked at
  std::string bwrap = "bwrap";
};

struct WholeRunResult {
  bool isolated = false;
  std::string refused_reason;  // why it was not isolated
  bool observed = false;
  std::string unobserved_reason;
  std::string not_run;  // why the command did not even start: its own fault, or something missing
  int exit_code = -1;   // -1 when a signal ended it
  int signal = 0;
  bool timed_out = false;
  std::string stopped;    // a limit that was exceeded, in words
  std::string limits_by;  // what bounded it: system::ProcessResult
  double wall_s = 0, cpu_s = 0;
  int64_t peak_rss_bytes = 0;     // sampled
  int64_t peak_cgroup_bytes = 0;  // page cache and tmpfs included; 0: not known
  system::GpuUse gpu;
  std::string output_tail;  // stdout and stderr, last 8 KiB; a stranger's text
  std::vector<system::Attempt> attempts;
  std::filesystem::path recon_folder;  // holds <cell>/*.h5
  PythonPackages python;               // where a reporter was among the adapters
  std::vector<std::string>
      strange_outputs;  // links, devices, pipes among the outputs: removed, not followed

  bool ok() const { return not_run.empty() && exit_code == 0 && !timed_out && stopped.empty(); }
};

/// Where this machine refuses a sandbox, the command runs on a copy of the project instead,
/// `isolated` is false, and all else is measured. The team's files are never changed. Throws
/// kInvalidArgument when the project declares places that cannot be shown, or that would show the
/// labels.
WholeRunResult whole_run(const submission::Project& project, const challenge::Edition& edition,
                         const WholeRunOptions& options);

}  // namespace reconproof::checks
