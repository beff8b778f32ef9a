// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/detect/shell_words.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>
#include <utility>

#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::submission {
namespace {

using system::Code;
using system::fail;

/// What changes how later words are read, or whether they are reached at all.
const std::set<std::string_view> kRefusedCommands = {
    ".",      "[[",    "alias",  "case", "cd",   "elif",  "else",    "eval",
    "exec",   "exit",  "fi",     "for",  "if",   "pushd", "read",    "return",
    "select", "shift", "source", "then", "time", "trap",  "unset",   "until",
    "while",  "{",     "!",      "do",   "done", "esac",  "function"};

bool is_name_character(char c, bool first) {
  const auto byte = static_cast<unsigned char>(c);
  return c == '_' || (first ? std::isalpha(byte) : std::isalnum(byte));
}

/// Length of the variable name that `text` begins with.
size_t name_length(std::string_view text) {
  size_t length = 0;
  while (length < text.size() && is_name_character(text[length], length == 0)) ++length;
  return length;
}

struct Word {
  std::string text;
  bool quoted = false;  // in part at least: counts even when it is empty
  int64_t line = 0;
  size_t plain = 0;  // how much of its beginning was written as it is
};

class ShellReader {
 public:
  ShellReader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  std::vector<ShellCommand> read() {
    while (!at_end()) {
      skip_blanks();
      if (at_end()) break;
      if (peek() == '#') {
        while (!at_end() && peek() != '\n') ++position_;
      } else if (peek() == '\n') {
        end_command();
        advance();
      } else if (peek() == ';') {
        advance();
        if (!at_end() && peek() == ';') refuse("';;'");
        end_command();
      } else if (starts_with("&&")) {
        position_ += 2;
        end_command();
      } else {
        add(read_word());
      }
    }
    end_command();
    return std::move(commands_);
  }

 private:
  bool at_end() const { return position_ >= text_.size(); }
  char peek() const { return text_[position_]; }
  bool starts_with(std::string_view what) const {
    return text_.substr(position_).starts_with(what);
  }
  char advance() {
    if (peek() == '\n') ++line_;
    return text_[position_++];
  }

  [[noreturn]] void refuse(const std::string& what) const {
    fail(Code::kUnsupported, "{}:{}: {} is more than is understood here", name_, line_, what);
  }

  void skip_blanks() {
    while (!at_end()) {
      if (starts_with("\\\n")) {
        ++position_;
      } else if (peek() != ' ' && peek() != '\t') {
        return;
      }
      advance();
    }
  }

  Word read_word() {
    Word word;
    word.line = line_;
    bool plain = true;
    while (!at_end()) {
      const char c = peek();
      if (c == ' ' || c == '\t' || c == '\n' || c == ';' || starts_with("&&")) break;
      const bool special = c == '\'' || c == '"' || c == '\\' || c == '$';
      if (special && plain) {
        word.plain = word.text.size();
        plain = false;
      }
      if (c == '\'') {
        read_single_quotes(word);
      } else if (c == '"') {
        read_double_quotes(word);
      } else if (c == '\\') {
        read_backslash(word);
      } else if (c == '$') {
        word.text += plain_value(read_variable());
      } else {
        refuse_operator(c, word.text.empty());
        word.text += advance();
      }
    }
    if (plain) word.plain = word.text.size();
    return word;
  }

  void refuse_operator(char c, bool first) const {
    if (c == '\r') {
      fail(Code::kUnsupported,
           "{}:{}: ends as lines of Windows do (CR LF), which no shell understands; convert the "
           "file with `sed -i 's/\\r$//'`",
           name_, line_);
    }
    if (std::string_view("|&<>()`*?[]{}").find(c) != std::string_view::npos || (first && c == '~'))
      refuse(fmt::format("'{}'", c));
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      refuse(fmt::format("the byte {}", system::printable(std::string_view(&c, 1))));
  }

  void read_single_quotes(Word& word) {
    const int64_t begin = line_;
    word.quoted = true;
    advance();
    while (!at_end() && peek() != '\'') word.text += advance();
    close_quotes(begin);
  }

  void read_double_quotes(Word& word) {
    const int64_t begin = line_;
    word.quoted = true;
    advance();
    while (!at_end() && peek() != '"') {
      if (peek() == '`') refuse("'`'");
      if (peek() == '$') {
        word.text += read_variable();
      } else if (peek() == '\\' && position_ + 1 < text_.size() &&
                 std::string_view("$`\"\\\n").find(text_[position_ + 1]) !=
                     std::string_view::npos) {
        advance();
        const char escaped = advance();
        if (escaped != '\n') word.text += escaped;
      } else {
        word.text += advance();
      }
    }
    close_quotes(begin);
  }

  void close_quotes(int64_t begin) {
    if (at_end()) fail(Code::kUnsupported, "{}:{}: a quote that is never closed", name_, begin);
    advance();
  }

  void read_backslash(Word& word) {
    advance();
    if (at_end()) return;
    if (peek() == '\r') refuse_operator('\r', false);
    const char escaped = advance();
    if (escaped == '\n') return;  // the word goes on in the next line
    word.quoted = true;
    word.text += escaped;
  }

  /// $NAME or ${NAME}, which the script must have set.
  std::string read_variable() {
    advance();
    const bool braces = !at_end() && peek() == '{';
    const size_t begin = position_ + (braces ? 1 : 0);
    const std::string variable(text_.substr(begin, name_length(text_.substr(begin))));
    const size_t end = begin + variable.size();
    if (variable.empty() || (braces && (end >= text_.size() || text_[end] != '}')))
      refuse(fmt::format("'${}'", system::printable(text_.substr(position_, 1))));
    const auto found = variables_.find(variable);
    if (found == variables_.end()) {
      fail(Code::kUnsupported, "{}:{}: ${} is not set in this file", name_, line_,
           system::printable(variable));
    }
    position_ = end + (braces ? 1 : 0);
    return found->second;
  }

  /// A shell would split or expand it.
  std::string plain_value(std::string value) const {
    if (value.empty() || value.find_first_of(" \t\n*?[") != std::string::npos)
      refuse("a variable without quotes that does not hold exactly one word");
    return value;
  }

  void add(Word word) {
    if (word.text.empty() && !word.quoted) return;  // a continued line alone
    const bool exported = !command_.words.empty() && command_.words[0] == "export";
    const size_t name = name_length(word.text);
    const bool assigns = name > 0 && name < word.plain && word.text[name] == '=' &&
                         (command_.words.empty() || exported);
    if (assigns) {
      const std::string variable = word.text.substr(0, name), value = word.text.substr(name + 1);
      if (exported)
        variables_[variable] = exported_[variable] = value;
      else
        command_.env[variable] = value;
      return;
    }
    if (exported) {  // export NAME: of what was set before
      if (!variables_.contains(word.text)) refuse("export " + system::printable(word.text));
      exported_[word.text] = variables_[word.text];
      return;
    }
    if (command_.words.empty() && kRefusedCommands.contains(word.text))
      refuse(fmt::format("'{}'", word.text));
    command_.words.push_back(std::move(word.text));
    command_.lines.push_back(word.line);
  }

  void end_command() {
    ShellCommand command = std::exchange(command_, {});
    if (command.words.empty()) {
      for (const auto& [variable, value] : command.env) {
        variables_[variable] = value;
        if (exported_.contains(variable)) exported_[variable] = value;
      }
      return;
    }
    if (command.words[0] == "export" || command.words[0] == "set") return;
    command.env.insert(exported_.begin(), exported_.end());
    commands_.push_back(std::move(command));
  }

  std::string_view text_;
  const std::string& name_;
  size_t position_ = 0;
  int64_t line_ = 1;
  std::map<std::string, std::string> variables_, exported_;
  ShellCommand command_;
  std::vector<ShellCommand> commands_;
};

}  // namespace

std::vector<ShellCommand> parse_shell(std::string_view text, const std::string& name) {
  return ShellReader(text, name).read();
}

std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string shell_line(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + shell_word(word);
  return line;
}

}  // namespace reconproof::submission
