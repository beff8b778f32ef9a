// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a run's result may depend on, as far as it can be told without running anything of the
// team's.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "submission/runs/run.h"

namespace reconproof::submission {

/// Fills in directory, person, host, revision, diff, environment and seeds. What cannot be told is
/// left out: recording must not stop a run.
void note_circumstances(Run& run, const std::filesystem::path& root);

/// Who writes a note here: git's user.name, else the user's name, else "".
std::string author_here();

/// The packages of the interpreter that the command names by its path, else of the `python3` that
/// VIRTUAL_ENV or PATH leads to, of which `wanted` are told: name in small letters with '-' for
/// '_', and version. Their folders are listed; no Python runs.
std::vector<std::pair<std::string, std::string>> installed_packages(
    const std::vector<std::string>& wanted, const std::vector<std::string>& command);

/// Seeds in Python and shell files below a folder, and on a command line: `--seed 430`,
/// `seed_fix(430)`, `manual_seed(430)`, ...
std::vector<FoundSeed> find_seeds(const std::filesystem::path& root,
                                  const std::vector<std::string>& command);

}  // namespace reconproof::submission
