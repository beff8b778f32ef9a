// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A step of a project as it is run: what is shown of it where, and what it may not declare.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "challenge/dataset/folder.h"
#include "checks/measure/python_folder.h"
#include "checks/measure/slice_run.h"
#include "checks/measure/team_tree.h"
#include "checks/measure/whole_run.h"
#include "system/process.h"

namespace reconproof::checks {

// Places inside the sandbox.
inline constexpr const char* kCodeFolder = "/team/code";
inline constexpr const char* kBin = "/reconproof/bin";
inline constexpr const char* kPython = "/reconproof/python";
inline constexpr const char* kDriver = "/reconproof/slice";
inline constexpr const char* kVolumes = "/reconproof/volumes";
inline constexpr const char* kReports = "/reconproof/report";
inline constexpr int kDriverSocket = 10;  // its number in the driven command

/// A project and where its declared places are inside the sandbox.
struct Job {
  const submission::Project& project;
  const submission::Step& step;
  const challenge::Edition& edition;
  const WholeRunOptions& options;
  std::string table = "[steps.reconstruct]";  // of the step, in messages

  std::filesystem::path place(const std::string& declared) const {
    return without_slash((std::filesystem::path(kCodeFolder) / declared)
                             .lexically_normal());  // an absolute one replaces kCodeFolder
  }
  std::filesystem::path kspace(const challenge::Cell& cell) const {
    return challenge::cell_folder(edition, cell, options.data) / challenge::kKspaceFolder;
  }
  /// A file or folder of the host, and where the command sees it below its leaderboard folder.
  struct Shown {
    std::filesystem::path host, inside;
  };

  /// What a cell's folder shows: k-space, and copies of the image files where the step reads them.
  std::vector<Shown> shown(const challenge::Cell& cell) const;
  bool has_weights() const { return !step.weights.empty(); }

  /// What is started: the step's command, or the driver in its place. `driver`, `volumes`: where
  /// the command sees these folders.
  std::vector<std::string> argv(const std::filesystem::path& driver,
                                const std::filesystem::path& volumes) const {
    if (!options.drive) return step.command;
    return driver_command(step, driver / kSliceDriver.name, kDriverSocket, volumes);
  }
  std::vector<system::PassedDescriptor> descriptors() const {
    if (!options.drive) return {};
    return {{options.drive->socket, kDriverSocket}};
  }

  /// Host folders that hold labels or training data.
  std::vector<std::pair<std::string, std::filesystem::path>> data_folders() const;
};

/// Throws kInvalidArgument when the project declares places that cannot be shown, or that would
/// show labels or training data.
void check_declared(const Job& job);

/// The same of one place inside the sandbox, `what` in messages.
void check_place(const std::string& what, const std::filesystem::path& inside);
/// The same of the further folders that a step may see.
void check_read_only(const Job& job);

/// Something that is not there, in words; empty when all is.
std::string missing_input(const Job& job);

/// What the copy or view of the project leaves out: it is shown from elsewhere, or not at all.
std::vector<std::filesystem::path> hidden_paths(const Job& job);

}  // namespace reconproof::checks
