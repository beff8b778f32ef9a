// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The commands that a team's README tells its reader to type: those in fenced blocks, and in
// running text those between backticks. Read as text, never executed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reconproof::submission {

/// One way to do it: simple commands, as a shell would split them.
struct ReadmeAlternative {
  std::string text;  // as it stands, continued lines joined; a stranger's
  std::vector<std::string> words;
  std::map<std::string, std::string> env;  // set before the program, or exported in the block
  std::string unclear;                     // why it was not understood; then there are no words
};

/// A command: one of its alternatives is to be typed (`A // B`, or `A  # or` with B below).
struct ReadmeCommand {
  int64_t line = 0;  // where it begins, from 1
  std::vector<ReadmeAlternative> alternatives;
  bool in_text = false;  // between backticks: it may be a mere mention
};

/// What stands in a fenced block and is not looked into.
struct ReadmeSkipped {
  int64_t line = 0;
  std::string what;  // "folder tree", "installs", "git", "prepares", "no shell commands"
  std::string text;  // its first line; a stranger's
};

struct Readme {
  std::string file;  // its name; empty: there is none
  std::vector<ReadmeCommand> commands;
  std::vector<ReadmeSkipped> skipped;
  std::vector<std::pair<int64_t, std::vector<std::string>>> installs;  // words of pip lines
  /// Of its bytes: a BOM, line ends of Windows, bytes that are no UTF-8: one sentence each.
  std::vector<std::string> remarks;
  bool unreadable = false;  // UTF-16, or no text: then there is nothing else
};

/// Of a README's bytes.
Readme parse_readme(std::string_view bytes, const std::string& file);

/// The README of a folder: readme.md, readme, readme.txt, in whatever case; an empty one where
/// there is none. kCorrupt beyond 4 MiB.
Readme read_readme(const std::filesystem::path& root);

}  // namespace reconproof::submission
