// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// requirements.txt, as pip reads it: which packages a team asks for, and which of them it pins.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace reconproof::submission {

struct Requirement {
  std::string name;        // as it stands
  std::string normalized;  // as PEP 503 compares it: "scikit-image"
  std::string pinned;      // the one version that it allows; empty: none, or several
  bool local = false;      // a file or folder of the machine, or of a repository elsewhere
  std::string text;        // the line without its comment
  std::string file;        // in which it stands
  int64_t line = 0;
};

struct Requirements {
  std::string file;  // as it was asked for, relative to the root
  std::vector<Requirement> items;
  std::vector<std::string> problems;  // "requirements.txt:3: ...": lines that pip would refuse
  std::string sha256;                 // over this and all files that it includes
  bool has_local = false;  // then two installations of the same text need not be the same
};

/// PEP 503: lower case, runs of -, _ and . as one -.
std::string normalized_package(std::string_view name);

/// Of the file below `root` and those that it includes (-r, -c). Throws kNotFound where it is not
/// there, kCorrupt for one that is no text.
Requirements read_requirements(const std::filesystem::path& root, const std::string& file);

/// Of the names that are given to `pip install`: "README.md:12" is where they stand.
Requirements named_requirements(const std::vector<std::string>& names, const std::string& file,
                                int64_t line);

/// Distributions that usually bring the module, where that is not its own name: cv2 ->
/// opencv-python, ... By normalized names.
std::vector<std::string> usual_distributions(const std::string& module);

/// What pip installs along with a package that teams of this field ask for, by normalized names: an
/// interpreter of a distribution need not tell.
std::vector<std::string> usual_dependencies(const std::string& package);

}  // namespace reconproof::submission
