// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Python source as tokens: enough to tell code from comments and texts. Never executed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reconproof::checks {

struct PythonToken {
  enum class Kind {
    kName,
    kNumber,
    kString,    // `text` is what stands between the quotes, escapes as written
    kOperator,  // one character: a compound operator is several tokens
    kNewline    // end of a logical line: none inside brackets or after a backslash
  };
  Kind kind = Kind::kOperator;
  std::string text;
  int64_t line = 0;  // from 1, where the token begins

  bool is(std::string_view op) const { return kind == Kind::kOperator && text == op; }
  bool is_name(std::string_view name) const { return kind == Kind::kName && text == name; }
};

/// Comments are left out. A text that is not closed ends where its line does (a triple-quoted one:
/// where the file does). The expressions of an f-string are part of its text.
std::vector<PythonToken> python_tokens(std::string_view source);

}  // namespace reconproof::checks
