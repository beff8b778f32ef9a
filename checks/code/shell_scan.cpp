// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "checks/code/code_words.h"
#include "checks/code/scan.h"
#include "checks/code/scan_findings.h"

namespace reconproof::checks {
namespace {

struct ShellWord {
  std::string text;  // without quotes
  int64_t line = 0;
};

/// Simple commands, in their order; those inside $(...) and `...` are commands of their own.
struct ShellLine {
  std::vector<ShellWord> words;
  bool conditional = false;  // behind `if`, `while`, `case`, `[` of the same line
};

class ShellReader {
 public:
  explicit ShellReader(std::string_view text) : text_(text) {}

  std::vector<ShellLine> run() {
    for (; at_ < text_.size(); ++at_) next();
    end_command();
    return std::move(lines_);
  }

 private:
  void next() {
    const char c = text_[at_];
    if (quote_ != 0 && c == quote_) {
      quote_ = 0;
    } else if (c == '\\' && quote_ != '\'' && at_ + 1 < text_.size()) {
      if (text_[++at_] == '\n') {
        ++line_;
      } else {
        put(text_[at_]);
      }
    } else if (c == '`' || (c == '$' && at_ + 1 < text_.size() && text_[at_ + 1] == '(')) {
      if (quote_ == '\'') return put(c);
      at_ += c == '$';
      end_command();
    } else if (quote_ != 0) {
      if (c == '\n') ++line_;
      put(c);
    } else if (c == '\'' || c == '"') {
      quote_ = c;
      started_ = true;
    } else {
      unquoted(c);
    }
  }

  void unquoted(char c) {
    if (c == '#' && !started_) {
      at_ = std::min(text_.find('\n', at_), text_.size()) - 1;
    } else if (c == '\n') {
      end_command();
      conditional_ = false;
      ++line_;
    } else if (std::string_view(";&|()").find(c) != std::string_view::npos) {
      end_command();
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '<' || c == '>') {
      end_word();
    } else {
      put(c);
    }
  }

  void put(char c) {
    started_ = true;
    word_ += c;
  }

  void end_word() {
    if (started_) {
      conditional_ |= kConditional.contains(word_);
      now_.words.push_back({word_, line_});
    }
    word_.clear();
    started_ = false;
  }

  void end_command() {
    end_word();
    now_.conditional = conditional_;
    if (!now_.words.empty()) lines_.push_back(std::move(now_));
    now_ = {};
  }

  inline static const std::set<std::string> kConditional = {"if",   "elif", "while", "until",
                                                            "case", "[",    "[[",    "test"};

  std::string_view text_;
  size_t at_ = 0;
  int64_t line_ = 1;
  char quote_ = 0;
  bool started_ = false, conditional_ = false;
  std::string word_;
  ShellLine now_;
  std::vector<ShellLine> lines_;
};

/// The command's name behind keywords, assignments and programs that start another.
size_t command_at(const std::vector<ShellWord>& words) {
  static const std::set<std::string> kBefore = {"if",   "then", "else",  "elif",   "do",   "while",
                                                "sudo", "env",  "nohup", "exec",   "time", "until",
                                                "!",    "{",    "nice",  "command"};
  size_t at = 0;
  while (at < words.size() &&
         (kBefore.contains(words[at].text) || words[at].text.find('=') != std::string::npos))
    ++at;
  return at;
}

/// "wget", "git clone"; or "".
std::string network_command(const std::vector<ShellWord>& words) {
  const size_t at = command_at(words);
  if (at >= words.size()) return "";
  if (is_network_tool(words[at].text)) return words[at].text;
  if (words[at].text == "git" && at + 1 < words.size() && words[at + 1].text == "clone")
    return "git clone";
  for (size_t i = at; i + 1 < words.size(); ++i)  // python -m gdown
    if (words[i].text == "-m" && is_network_tool(words[i + 1].text)) return words[i + 1].text;
  return "";
}

}  // namespace

std::vector<std::string> network_commands(std::string_view shell) {
  std::vector<std::string> commands;
  for (const ShellLine& line : ShellReader(shell).run()) {
    if (std::string command = network_command(line.words); !command.empty())
      commands.push_back(std::move(command));
  }
  return commands;
}

std::vector<std::string> python_scripts(std::string_view shell) {
  std::vector<std::string> scripts;
  for (const ShellLine& line : ShellReader(shell).run()) {
    for (const ShellWord& word : line.words)
      if (word.text.ends_with(".py")) scripts.push_back(word.text);
  }
  return scripts;
}

void scan_shell(std::string_view source, const std::string& file, CodeScan& scan) {
  static const std::set<std::string> kTells = {"date", "hostname", "whoami", "uname"};
  for (const ShellLine& line : ShellReader(source).run()) {
    const std::vector<ShellWord>& words = line.words;
    const size_t at = command_at(words);
    if (at >= words.size()) continue;
    if (const std::string command = network_command(words); !command.empty())
      add_finding(scan, {"download", file, words[at].line, command});
    if (line.conditional && kTells.contains(words[at].text))
      add_finding(scan, {"branch", file, words[at].line, "a condition on " + words[at].text});
    for (size_t i = at; i < words.size(); ++i) {
      // What an option names is what the command is to work on: data, as in the official scripts.
      const bool of_option = i > at && words[i - 1].text.starts_with('-');
      if (!of_option && is_absolute_path(words[i].text))
        add_finding(scan, {"absolute-path", file, words[i].line, "'" + words[i].text + "'"});
    }
  }
}

}  // namespace reconproof::checks
