// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A checked project in a temporary folder: two cells, one volume each, with labels,
// reconstructions, check.json, ledger and validation log. Tests change parts of it and look at the
// report.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "submission/project.h"
#include "system/files.h"

namespace reconproof::reports {

class SyntheticProject {
 public:
  SyntheticProject();

  const submission::Project& project() const { return project_; }
  submission::Project& project() { return project_; }
  std::filesystem::path root() const { return folder_.path() / "team"; }
  std::filesystem::path check_file() const { return project_.check_folder() / "check.json"; }
  std::filesystem::path recon(const std::string& cell) const {
    return project_.check_folder() / "recon" / cell;
  }
  std::filesystem::path label(const std::string& cell) const {
    return folder_.path() / "leaderboard" / cell / "image" / "brain_test1.h5";
  }
  std::filesystem::path result() const { return folder_.path() / "result"; }
  /// What check.json holds; `write_check()` after changing it.
  nlohmann::json check;
  void write_check() const;
  /// Writes a reconproof.toml that says what `project()` does, puts the reconstructions where it
  /// declares them, and packs it all.
  std::filesystem::path pack();

 private:
  void write_volumes(const std::string& cell, float gain) const;
  void write_training() const;

  system::TemporaryFolder folder_;
  submission::Project project_;
};

/// What `reproduce --json` says of the synthetic project: all agrees.
nlohmann::json reproduce_json();

/// One finding as check.json holds it.
nlohmann::json finding_json(const std::string& rule_id, const std::string& status,
                            const std::string& message);

}  // namespace reconproof::reports
