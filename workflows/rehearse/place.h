// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What an assistant has on his machine: a clean clone of HEAD, the weights that were handed in, and
// the data in a folder of his own.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "submission/bundle/git.h"
#include "submission/project.h"
#include "workflows/rehearse/fault.h"

namespace reconproof::workflows {

/// Where the assistant keeps the data; no team names it.
inline constexpr const char* kAssistantsData = "/rehearsal/Data";

struct AssistantsPlace {
  submission::GitClone git;
  /// Below the new folder that stands for the assistant's machine; commands and [data] name his
  /// data folders where a command takes them as arguments.
  submission::Project project;
  bool data_moved = false;  // all of it
};

/// Clones what a team has committed into `image`, a folder that does not exist yet, and says what
/// of its folder is missed there. The declarations are those of the team's folder, committed or
/// not. kNotFound as git_clone.
AssistantsPlace move_in(const submission::Project& team, const std::filesystem::path& image,
                        std::vector<RehearsalFault>& faults);

/// The command with the data folder `declared` replaced by `place`, in words that name it, what is
/// below, or an option's value; unchanged where none does.
std::vector<std::string> with_data_at(const std::vector<std::string>& command,
                                      const std::string& declared, const std::string& place);

}  // namespace reconproof::workflows
