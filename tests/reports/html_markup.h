// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A reader of our own pages' markup, strict enough to notice a tag that is not closed.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace reconproof::reports {

struct Markup {
  std::string fault;  // empty, or the first tag that does not fit
  std::vector<std::pair<std::string, std::string>> attributes;  // of all tags, as written
  std::vector<std::string> tags;                                // opened, in order
};

Markup read_markup(const std::string& html);

/// How often `part` is in a text.
inline size_t times_in(const std::string& text, const std::string& part) {
  size_t times = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++times;
  return times;
}

}  // namespace reconproof::reports
