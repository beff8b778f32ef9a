// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace reconproof::submission {

/// What git knows of a folder. All paths are relative to it and sorted.
struct GitState {
  std::string commit;  // "" before the first commit
  std::vector<std::string> tracked;
  std::vector<std::string> changed;    // tracked, and different from the commit
  std::vector<std::string> untracked;  // neither tracked nor ignored
};

/// Nothing when the folder is in no git repository, or in one that tracks none of its files. Throws
/// kNotFound when it is in one that git cannot read (not installed, owned by another user).
std::optional<GitState> git_state(const std::filesystem::path& folder);

/// What these files, of `changed`, differ in from the commit: as `git diff` tells it, whatever the
/// user's settings are. Of files that are no text it tells only that they differ.
std::string git_diff(const std::filesystem::path& folder, const std::vector<std::string>& files);

struct GitClone {
  std::string commit;
  std::filesystem::path folder;  // what stands for the folder in the clone
  bool has_submodules = false;   // they are not cloned: that takes a network
  int64_t unpushed = 0;  // commits that the branch's upstream lacks; 0 also without an upstream
};

/// A clean clone, in the new folder `target`, of the repository that a folder is in, at its HEAD.
/// Nothing of it is executed, and no network is used. kNotFound where the folder is in no
/// repository, has no commit, or git fails.
GitClone git_clone(const std::filesystem::path& folder, const std::filesystem::path& target);

}  // namespace reconproof::submission
