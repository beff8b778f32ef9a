// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/detect/python_arguments.h"

#include <algorithm>
#include <cctype>

namespace reconproof::submission {
namespace {

// No script that a person writes has more.
constexpr size_t kLongestCall = 4000;  // bytes
constexpr size_t kMostOptions = 1000;

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

/// Reads the arguments of one call.
class CallReader {
 public:
  explicit CallReader(std::string_view text) : text_(text.substr(0, kLongestCall)) {}

  /// Flags first, then keywords, of which `default` counts.
  PythonOption read() {
    PythonOption option;
    while (true) {
      skip_spaces();
      if (at_end() || peek() == ')') return option;
      if (peek() == ',') {
        ++position_;
      } else if (const auto flag = literal()) {
        option.flags.push_back(*flag);
      } else {
        read_keyword(option);
      }
    }
  }

 private:
  bool at_end() const { return position_ >= text_.size(); }
  char peek() const { return text_[position_]; }

  void skip_spaces() {
    while (!at_end() && (is_space(peek()) || peek() == '#')) {
      if (peek() == '#') {
        while (!at_end() && peek() != '\n') ++position_;
      } else {
        ++position_;
      }
    }
  }

  std::string name() {
    const size_t begin = position_;
    while (!at_end() && (std::isalnum(static_cast<unsigned char>(peek())) || peek() == '_'))
      ++position_;
    return std::string(text_.substr(begin, position_ - begin));
  }

  /// A text in quotes, without escapes; nothing is consumed where there is none.
  std::optional<std::string> literal() {
    if (at_end() || (peek() != '\'' && peek() != '"')) return std::nullopt;
    const size_t end = text_.find_first_of(std::string{peek(), '\\', '\n'}, position_ + 1);
    if (end == std::string_view::npos || text_[end] != peek()) return std::nullopt;
    const std::string value(text_.substr(position_ + 1, end - position_ - 1));
    position_ = end + 1;
    return value;
  }

  void read_keyword(PythonOption& option) {
    const std::string keyword = name();
    skip_spaces();
    if (at_end() || peek() != '=' || keyword.empty()) return skip_argument();
    ++position_;
    skip_spaces();
    if (keyword == "default") option.value = simple_value();
    skip_argument();
  }

  /// 'text', Path('text'), a number, True, False; nothing else.
  std::optional<std::string> simple_value() {
    if (const auto text = literal()) return ends_here() ? text : std::nullopt;
    if (text_.substr(position_).starts_with("Path(")) {
      position_ += 5;
      skip_spaces();
      const auto text = literal();
      skip_spaces();
      if (!text || at_end() || peek() != ')') return std::nullopt;
      ++position_;
      return ends_here() ? text : std::nullopt;
    }
    const size_t begin = position_;
    while (!at_end() && (std::isalnum(static_cast<unsigned char>(peek())) || peek() == '.' ||
                         peek() == '-' || peek() == '+'))
      ++position_;
    const std::string value(text_.substr(begin, position_ - begin));
    const bool number = !value.empty() && (std::isdigit(static_cast<unsigned char>(value[0])) ||
                                           value[0] == '-' || value[0] == '.');
    const bool known = number || value == "True" || value == "False";
    return known && ends_here() ? std::optional(value) : std::nullopt;
  }

  bool ends_here() {
    skip_spaces();
    return !at_end() && (peek() == ',' || peek() == ')');
  }

  /// To the comma or parenthesis that ends this argument.
  void skip_argument() {
    for (int64_t depth = 0; !at_end(); ++position_) {
      const char c = peek();
      if (c == '\'' || c == '"') {
        skip_text();
        if (at_end()) return;
      } else if (c == '(' || c == '[' || c == '{') {
        ++depth;
      } else if (depth == 0 && (c == ',' || c == ')')) {
        return;
      } else if (c == ')' || c == ']' || c == '}') {
        --depth;
      }
    }
  }

  /// To the quote that ends a text.
  void skip_text() {
    const char quote = peek();
    for (++position_; !at_end() && peek() != quote; ++position_) {
      if (peek() == '\\') ++position_;
    }
  }

  std::string_view text_;
  size_t position_ = 0;
};

/// Whether the text before `position`, in its line, begins a comment.
bool in_comment(std::string_view source, size_t position) {
  const size_t line = source.rfind('\n', position);
  const size_t begin = line == std::string_view::npos ? 0 : line + 1;
  return source.substr(begin, position - begin).find('#') != std::string_view::npos;
}

bool is_long(std::string_view flag) { return flag.starts_with("--"); }

/// Whether a word, up to its '=', names the option's long flag, in part perhaps.
bool names_long_flag(std::string_view word, const PythonOption& option,
                     const std::vector<PythonOption>& all) {
  if (option.has_flag(word)) return true;
  const auto begins = [&](const PythonOption& other) {
    return std::ranges::any_of(other.flags,
                               [&](const std::string& flag) { return flag.starts_with(word); });
  };
  return word.size() > 2 && begins(option) && std::ranges::count_if(all, begins) == 1;
}

}  // namespace

bool PythonOption::has_flag(std::string_view flag) const {
  return std::ranges::find(flags, flag) != flags.end();
}

std::vector<PythonOption> argparse_options(std::string_view source) {
  constexpr std::string_view kCall = "add_argument(";
  std::vector<PythonOption> options;
  int64_t line = 1;
  size_t counted = 0;
  for (size_t at = source.find(kCall);
       at != std::string_view::npos && options.size() < kMostOptions;
       at = source.find(kCall, at + kCall.size())) {
    line += std::count(source.begin() + static_cast<std::ptrdiff_t>(counted),
                       source.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    counted = at;
    if (in_comment(source, at)) continue;
    PythonOption option = CallReader(source.substr(at + kCall.size())).read();
    option.line = line;
    if (!option.flags.empty()) options.push_back(std::move(option));
  }
  return options;
}

std::optional<GivenValue> given_value(const std::vector<std::string>& words,
                                      const PythonOption& option,
                                      const std::vector<PythonOption>& all) {
  std::optional<GivenValue> given;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool more = i + 1 < words.size();
    if (is_long(word)) {
      const size_t equals = word.find('=');
      if (!names_long_flag(word.substr(0, equals), option, all)) continue;
      if (equals != std::string::npos)
        given = {word.substr(equals + 1), i};
      else if (more)
        given = {words[i + 1], i};
      continue;
    }
    for (const std::string& flag : option.flags) {
      if (is_long(flag)) continue;
      if (word == flag && more) given = {words[i + 1], i};
      // "-n3", unless it is another option's flag, such as -lp beside -l
      const bool other = std::ranges::any_of(all, [&](const auto& o) { return o.has_flag(word); });
      if (word != flag && flag.size() == 2 && word.starts_with(flag) && !other)
        given = {word.substr(flag.size()), i};
    }
  }
  return given;
}

}  // namespace reconproof::submission
