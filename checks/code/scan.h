// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a team's Python, shell and notebook code says that it would do against the rules: places for
// a person to look at. Text is read, never executed; what code hides (a built name, a binary) is
// not seen.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "submission/project.h"

namespace reconproof::checks {

struct CodeFinding {
  std::string kind;  // "download", "given-weights", "absolute-path", "leaderboard", "branch", ...
  std::string file;  // relative to the project; of a notebook "x.ipynb cell 3"
  int64_t line = 0;
  std::string what;  // "requests.get(...)": may hold text of strangers
};

struct CodeScan {
  std::vector<CodeFinding> findings;  // by file and line; at most 1000
  int64_t beyond = 0;                 // found, but not listed
  int64_t files = 0;                  // read
  std::vector<std::string> unread;    // with the reason
};

/// Which of the project's commands reach a file, by the imports of their scripts.
struct CodeRole {
  bool trains = false;        // leaderboard paths are of interest
  bool reconstructs = false;  // conditions on file names are
};

/// A file that a project's commands reach by imports, and what names it first.
struct ReachedFile {
  std::string file;  // relative to the project
  std::string from;  // "train.py:9"; empty: a command does
};

/// All that the declared commands reach, and `more` scripts; by file. As scan_code looks for them.
std::vector<ReachedFile> reached_files(const submission::Project& project,
                                       const std::vector<std::string>& more = {});

/// Of one file's text.
void scan_python(std::string_view source, const std::string& file, const CodeRole& role,
                 CodeScan& scan);
void scan_shell(std::string_view source, const std::string& file, CodeScan& scan);
/// Code cells as Python, lines that begin with `!` as shell. kCorrupt when it is no notebook.
void scan_notebook(const std::string& text, const std::string& file, CodeScan& scan);

/// Modules that a Python source imports: "utils.data.load_data", "utils.data" and, with leading
/// dots, relative ones.
std::vector<std::string> imported_modules(std::string_view source);

/// All code below the project's root but for data, virtual environments and hidden folders; at most
/// 5000 files of 1 MiB (notebooks 16 MiB).
CodeScan scan_code(const submission::Project& project);

}  // namespace reconproof::checks
