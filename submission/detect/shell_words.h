// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a team's .sh file would run, read and never executed; and commands as a person types them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reconproof::submission {

/// One simple command: program, arguments, and what is set for it.
struct ShellCommand {
  std::vector<std::string> words;
  std::vector<int64_t> lines;              // of each word
  std::map<std::string, std::string> env;  // `NAME=value command`, and what was exported before
};

/// The commands of a script, in their order. Understood are quotes, backslashes, comments,
/// continued lines, `;`, `&&`, and variables that the script itself sets. Everything else (pipes,
/// redirections, $(...), conditions, patterns, `cd`) is refused with kUnsupported,
/// "<name>:<line>: ...": half-understood, it would be another command than the team's.
std::vector<ShellCommand> parse_shell(std::string_view text, const std::string& name);

/// The word as a shell reads it back: in quotes where it needs them.
std::string shell_word(const std::string& word);
/// All of them, as one line.
std::string shell_line(const std::vector<std::string>& words);

}  // namespace reconproof::submission
