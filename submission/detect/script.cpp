// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/detect/script.h"

#include <fmt/core.h>

#include <algorithm>

#include "submission/detect/shell_words.h"
#include "system/error.h"

namespace reconproof::submission {
namespace {

bool runs(const ShellCommand& command, const std::string& python) {
  return std::ranges::any_of(command.words, [&](const std::string& word) {
    return std::filesystem::path(word).filename() == python;
  });
}

}  // namespace

Script::Script(RepositoryText& repository, std::string stem, std::vector<std::string>& warnings)
    : python_(stem + ".py"), shell_(stem + ".sh") {
  const std::string* source = repository.find(python_);
  if (!source) return;
  options_ = argparse_options(*source);
  words_ = {"python3", python_};
  where_ = python_;
  if (const std::string* text = repository.find(shell_)) read_shell(*text, warnings);
}

void Script::read_shell(const std::string& text, std::vector<std::string>& warnings) {
  std::string problem;
  try {
    const std::vector<ShellCommand> commands = parse_shell(text, shell_);
    const auto ours = [&](const ShellCommand& command) { return runs(command, python_); };
    const auto found = std::ranges::find_if(commands, ours);
    const auto count = std::ranges::count_if(commands, ours);
    if (count == 1) {
      words_ = found->words;
      lines_ = found->lines;
      env_ = found->env;
      where_ = fmt::format("{}:{}", shell_, lines_[0]);
      for (const ShellCommand& other : commands) {
        if (&other == &*found) continue;
        warnings.push_back(
            fmt::format("{}:{}: also runs '{}', which the command in reconproof.toml does not",
                        shell_, other.lines[0], other.words[0]));
      }
      return;
    }
    problem = count == 0 ? fmt::format("{}: does not run {}", shell_, python_)
                         : fmt::format("{}: runs {} {} times", shell_, python_, count);
  } catch (const system::Error& error) {
    problem = error.what();
  }
  words_ = {"bash", shell_};
  where_ = shell_;
  warnings.push_back(fmt::format(
      "{}; so the command is the file itself, and names and folders are the defaults of {}: look "
      "them through",
      problem, python_));
}

PythonOption Script::option(std::initializer_list<const char*> flags) const {
  for (const PythonOption& option : options_) {
    if (std::ranges::any_of(flags, [&](const char* flag) { return option.has_flag(flag); }))
      return option;
  }
  return {{flags.begin(), flags.end()}, std::nullopt, 0};
}

FoundValue Script::default_value(std::initializer_list<const char*> flags) const {
  const PythonOption found = option(flags);
  if (!found.value) return {};
  return {*found.value, fmt::format("{}:{}", python_, found.line), true};
}

FoundValue Script::value(std::initializer_list<const char*> flags) const {
  const PythonOption found = option(flags);
  if (const auto given = given_value(words_, found, options_)) {
    const std::string where =
        lines_.empty() ? where_ : fmt::format("{}:{}", shell_, lines_[given->word]);
    return {given->value, where, false};
  }
  return default_value(flags);
}

}  // namespace reconproof::submission
