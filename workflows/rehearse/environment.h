// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The Python environment that an assistant makes from a repository's requirements; and what is
// wrong with these.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "checks/code/scan.h"
#include "submission/project.h"
#include "submission/readme/readme.h"
#include "submission/requirements.h"
#include "workflows/rehearse/fault.h"

namespace reconproof::workflows {

struct EnvironmentOptions {
  std::optional<std::filesystem::path> python;  // an interpreter to take as it is
  bool network = true;                          // for pip
  std::filesystem::path scratch;                // a new folder, for what cannot be cached
};

struct RehearsalEnvironment {
  std::filesystem::path python;  // absolute; empty: there is none that commands could be run with
  std::string how;               // "given", "installed", "cached", "none needed"
  std::string version;
  std::map<std::string, std::string> packages;  // all that it has
  std::vector<std::filesystem::path> folders;   // outside /usr, that it needs
  submission::Requirements requirements;
};

/// The requirements that the README tells to install (`-r FILE`, or names), else requirements.txt;
/// `file` is empty where there are none. Faults: a file that is not there, lines that pip refuses,
/// no version, a file of the team's machine.
submission::Requirements find_requirements(const std::filesystem::path& clone,
                                           const submission::Readme& readme,
                                           std::vector<RehearsalFault>& faults);

/// Given, or installed with pip into a fresh virtual environment, which is kept in
/// $XDG_CACHE_HOME/reconproof/environments for the next time, by the requirements' hash and the
/// interpreter. kNotFound for a given interpreter that is none.
RehearsalEnvironment make_environment(const std::filesystem::path& clone,
                                      submission::Requirements requirements, bool needed,
                                      const EnvironmentOptions& options,
                                      std::vector<RehearsalFault>& faults);

/// What `files` of the clone import against what the requirements bring, and their syntax.
/// `local`: names of modules that are the team's own.
void look_at_imports(const RehearsalEnvironment& environment, const std::filesystem::path& clone,
                     const std::vector<std::string>& files, const std::vector<std::string>& local,
                     std::vector<RehearsalFault>& faults);

/// Has a project's steps run by this environment's interpreter, wherever they say `python`.
void run_by(const RehearsalEnvironment& environment, submission::Project& project);

}  // namespace reconproof::workflows
