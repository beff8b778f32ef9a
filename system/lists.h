// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace reconproof::system {

/// What stands between the commas of "a,b,c"; an empty text is one empty entry.
inline std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> entries;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    entries.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return entries;
}

}  // namespace reconproof::system
