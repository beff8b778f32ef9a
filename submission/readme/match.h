// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The README's commands held against the declared steps: an assistant types the former, this
// program runs the latter.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "submission/detect/repository_text.h"
#include "submission/project.h"
#include "submission/readme/readme.h"

namespace reconproof::submission {

enum class CommandVerdict {
  kSame,     // as the declared step
  kDiffers,  // its script or program, otherwise
  kOther,    // of no step; what it names is there, and its options are known
  kFails,    // whoever types it gets an error
  kUnclear   // more than is understood here
};

/// One difference from the declared step, or one reason to fail.
struct CommandFault {
  std::string kind;     // "weight-name", "readme-command", "hidden-setting"
  std::string message;  // a sentence that may quote a stranger's text
  std::string remedy;
};

struct AlternativeMatch {
  std::string text;  // of the README
  CommandVerdict verdict = CommandVerdict::kUnclear;
  std::vector<CommandFault> faults;  // of kDiffers, kFails
  std::vector<std::string> notes;    // what differs and is the reader's own: data folders
  std::vector<std::string> scripts;  // that it names or reaches, relative to the root
};

struct CommandMatch {
  int64_t line = 0;
  bool in_text = false;  // as in ReadmeCommand
  std::string step;      // "train", "train NAME", "reconstruct"; empty: of none
  std::vector<AlternativeMatch> alternatives;

  /// Of the best alternative: `A // B` means either.
  CommandVerdict verdict() const;
};

struct ReadmeMatch {
  std::vector<CommandMatch> commands;  // in the README's order
  std::vector<std::string> unnamed;    // declared steps that no command of the README is
};

/// `root`: the files that the reader has, a clean clone. Nothing is executed.
ReadmeMatch match_readme(const Readme& readme, const Project& project,
                         const std::filesystem::path& root);

/// Of a step's command, the script's options that name a folder of data: {"-p", "--path_data"},
/// whatever the command gives them. `declared`: the folder; by default or as given it must be it.
/// Empty: none does.
std::vector<std::string> option_of_folder(const std::filesystem::path& root, const Step& step,
                                          const std::string& declared);

/// What an option of a step's script is, as given or by default, and where that stands; an empty
/// value where neither tells. `flags`: any of them.
struct StepOption {
  std::string value, where;
};
StepOption option_of_step(const std::filesystem::path& root, const Step& step,
                          const std::vector<std::string>& flags);

}  // namespace reconproof::submission
