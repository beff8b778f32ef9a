// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// One of the official scripts: its .sh file with the team's choices, and the defaults of its .py
// file.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "submission/detect/python_arguments.h"
#include "submission/detect/repository_text.h"

namespace reconproof::submission {

struct FoundValue {
  std::string value;
  std::string where;  // "reconstruct.sh:3", or of the default, "reconstruct.py:15"; empty: nowhere
  bool by_default = false;
};

class Script {
 public:
  /// Looks for STEM.py and STEM.sh. Where the .sh file cannot be understood the command is the file
  /// itself, and a warning says so.
  Script(RepositoryText& repository, std::string stem, std::vector<std::string>& warnings);

  bool exists() const { return !words_.empty(); }
  const std::string& python() const { return python_; }  // "reconstruct.py"
  const std::string& where() const { return where_; }    // of the command
  const std::vector<std::string>& words() const { return words_; }
  const std::map<std::string, std::string>& env() const { return env_; }

  /// Value of the option that has one of the flags: as the command gives it, else its default.
  FoundValue value(std::initializer_list<const char*> flags) const;
  FoundValue default_value(std::initializer_list<const char*> flags) const;

 private:
  void read_shell(const std::string& text, std::vector<std::string>& warnings);
  PythonOption option(std::initializer_list<const char*> flags) const;

  std::string python_, shell_;  // file names
  std::string where_;
  std::vector<std::string> words_;
  std::vector<int64_t> lines_;  // of the words, in the .sh file; empty: the command is not from it
  std::map<std::string, std::string> env_;
  std::vector<PythonOption> options_;
};

}  // namespace reconproof::submission
