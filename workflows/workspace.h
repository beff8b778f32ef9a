// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Where a submission is laid out to be run: a folder that the user names stays, another one goes.
#pragma once

#include <filesystem>
#include <optional>

#include "system/files.h"

namespace reconproof::workflows {

class Workspace {
 public:
  /// kInvalidArgument where something stands at `keep`.
  explicit Workspace(const std::optional<std::filesystem::path>& keep);

  std::filesystem::path path() const { return kept_ ? kept_->path() : temporary_->path(); }
  /// Stands for the root of the machine that the commands see.
  std::filesystem::path root() const { return path() / "root"; }
  bool stays() const { return kept_.has_value(); }
  /// Whole, under its name. Only of one that stays.
  void commit();

 private:
  std::optional<system::TemporaryFolder> temporary_;
  std::optional<system::StagedFolder> kept_;
  std::filesystem::path keep_;  // where it will stand
};

}  // namespace reconproof::workflows
