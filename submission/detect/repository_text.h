// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The text files of a repository, read as if written by an enemy: bounded, and never executed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <regex>
#include <string>
#include <vector>

namespace reconproof::submission {

struct LineMatch {
  std::string where;                  // "README.md:1"
  std::vector<std::string> captures;  // of the expression's groups
};

class RepositoryText {
 public:
  /// What a file could not be read for goes to `warnings`.
  RepositoryText(const std::filesystem::path& root, std::vector<std::string>& warnings)
      : root_(root), warnings_(warnings) {}

  /// Whole text of a file; null where there is none, or none that can be read. Files of more than
  /// 1 MiB and those with NUL bytes are no scripts.
  const std::string* find(const std::string& name);

  /// First line that the expression is found in. Longer lines than people write are passed over:
  /// std::regex recurses on every character.
  std::optional<LineMatch> find_line(const std::string& name, const std::regex& expression);

 private:
  std::optional<std::string> read(const std::string& name);

  const std::filesystem::path& root_;
  std::vector<std::string>& warnings_;
  std::map<std::string, std::optional<std::string>> files_;
};

}  // namespace reconproof::submission
