// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/code/python_tokens.h"

#include <algorithm>
#include <cctype>

namespace reconproof::checks {
namespace {

using Kind = PythonToken::Kind;

bool begins_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || static_cast<signed char>(c) < 0;
}
bool goes_on_name(char c) { return begins_name(c) || std::isdigit(static_cast<unsigned char>(c)); }

/// r, b, u, f and their combinations.
bool is_string_prefix(std::string_view name) {
  return name.size() <= 2 && std::ranges::all_of(name, [](char c) {
           return std::string_view("rRbBuUfF").find(c) != std::string_view::npos;
         });
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view source) : source_(source) {}

  std::vector<PythonToken> run() {
    while (at_ < source_.size()) next();
    end_line();
    return std::move(tokens_);
  }

 private:
  char peek(size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }

  void add(Kind kind, std::string_view text, int64_t line) {
    tokens_.push_back({kind, std::string(text), line});
  }

  void end_line() {
    if (depth_ == 0 && !tokens_.empty() && tokens_.back().kind != Kind::kNewline)
      add(Kind::kNewline, "", line_);
  }

  void next() {
    const char c = peek();
    if (c == '\n') {
      end_line();
      ++line_, ++at_;
    } else if (c == '\\' && (peek(1) == '\n' || (peek(1) == '\r' && peek(2) == '\n'))) {
      at_ += peek(1) == '\n' ? 2 : 3;
      ++line_;
    } else if (c == '#') {
      at_ = std::min(source_.find('\n', at_), source_.size());
    } else if (c == '"' || c == '\'') {
      string();
    } else if (begins_name(c)) {
      name();
    } else if (std::isdigit(static_cast<unsigned char>(c))) {
      number();
    } else {
      if (!std::isspace(static_cast<unsigned char>(c))) operation(c);
      ++at_;
    }
  }

  void operation(char c) {
    if (c == '(' || c == '[' || c == '{') ++depth_;
    if ((c == ')' || c == ']' || c == '}') && depth_ > 0) --depth_;
    add(Kind::kOperator, std::string(1, c), line_);
    if (c == ';') end_line();
  }

  void name() {
    const size_t begin = at_;
    while (goes_on_name(peek())) ++at_;
    const std::string_view text = source_.substr(begin, at_ - begin);
    if ((peek() == '"' || peek() == '\'') && is_string_prefix(text)) return string();
    add(Kind::kName, text, line_);
  }

  void number() {
    const size_t begin = at_;
    while (goes_on_name(peek()) || peek() == '.') ++at_;
    add(Kind::kNumber, source_.substr(begin, at_ - begin), line_);
  }

  void string() {
    const int64_t line = line_;
    const char quote = peek();
    const bool triple = peek(1) == quote && peek(2) == quote;
    at_ += triple ? 3 : 1;
    const size_t begin = at_;
    while (at_ < source_.size()) {
      if (peek() == '\\' && at_ + 1 < source_.size()) {
        if (peek(1) == '\n') ++line_;
        at_ += 2;
        continue;
      }
      if (triple ? peek() == quote && peek(1) == quote && peek(2) == quote
                 : peek() == quote || peek() == '\n')
        break;
      if (peek() == '\n') ++line_;
      ++at_;
    }
    at_ = std::min(at_, source_.size());
    add(Kind::kString, source_.substr(begin, at_ - begin), line);
    if (peek() == quote) at_ += triple ? 3 : 1;
  }

  std::string_view source_;
  size_t at_ = 0;
  int64_t line_ = 1;
  int depth_ = 0;  // of open brackets
  std::vector<PythonToken> tokens_;
};

}  // namespace

std::vector<PythonToken> python_tokens(std::string_view source) { return Tokenizer(source).run(); }

}  // namespace reconproof::checks
