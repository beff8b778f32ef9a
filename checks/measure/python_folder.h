// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What is shown to Python submissions (python/), as files on the host, as long as a check lasts.
#pragma once

#include <filesystem>
#include <string_view>

#include "system/files.h"

namespace reconproof::checks {

/// A file of python/, and what it is called where Python looks for it.
struct PythonFile {
  std::string_view embedded, name;
};

/// Python imports sitecustomize by itself from PYTHONPATH; `python -I`, `-E` and `-S` do not look
/// there.
inline constexpr const char* kSiteCustomize = "sitecustomize.py";

/// Lets code that was written for CUDA run where there is no GPU, without a change in it.
inline constexpr PythonFile kCpuAdapter = {"sitecustomize.py", kSiteCustomize};
/// Asks PyTorch what its allocator held of a GPU (gpu_report.h).
inline constexpr PythonFile kGpuReporter = {"gpu_report.py", kSiteCustomize};
/// Tells which packages of Python were loaded (package_report.h).
inline constexpr PythonFile kPackageReporter = {"package_report.py", kSiteCustomize};
/// Tells what an interpreter has of what a repository asks for (workflows/rehearse/environment.h).
inline constexpr PythonFile kEnvironmentReport = {"environment_report.py", "environment_report.py"};
/// Writes the ledger of a training's first updates (training/training_run.h).
inline constexpr PythonFile kTrainingLedger = {"training_ledger.py", kSiteCustomize};
/// Answers for a team's functions, slice by slice (slice_run.h).
inline constexpr PythonFile kSliceDriver = {"slice_driver.py", "slice_driver.py"};

class PythonFolder {
 public:
  explicit PythonFolder(const PythonFile& file);
  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  system::TemporaryFolder folder_;
};

}  // namespace reconproof::checks
