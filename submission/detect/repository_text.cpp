// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/detect/repository_text.h"

#include <fmt/core.h>

#include <string_view>

#include "system/error.h"
#include "system/files.h"

namespace reconproof::submission {

namespace fs = std::filesystem;

namespace {
constexpr int64_t kMostBytes = 1 << 20;
constexpr size_t kLongestLine = 500;
}  // namespace

std::optional<std::string> RepositoryText::read(const std::string& name) {
  std::error_code error;
  if (fs::symlink_status(root_ / name, error).type() == fs::file_type::not_found)
    return std::nullopt;
  try {
    std::string text = system::read_file(root_ / name, kMostBytes);
    if (text.find('\0') == std::string::npos) return text;
    warnings_.push_back(fmt::format("{}: holds NUL bytes, so it is no text; not looked at", name));
  } catch (const system::Error& failure) {
    warnings_.push_back(fmt::format("not looked at: {}", failure.what()));
  }
  return std::nullopt;
}

const std::string* RepositoryText::find(const std::string& name) {
  auto found = files_.find(name);
  if (found == files_.end()) found = files_.emplace(name, read(name)).first;
  return found->second ? &*found->second : nullptr;
}

std::optional<LineMatch> RepositoryText::find_line(const std::string& name,
                                                   const std::regex& expression) {
  const std::string* text = find(name);
  if (!text) return std::nullopt;
  int64_t number = 1;
  for (size_t begin = 0; begin < text->size(); ++number) {
    const size_t end = std::min(text->find('\n', begin), text->size());
    const std::string_view line(text->data() + begin, end - begin);
    begin = end + 1;
    std::match_results<std::string_view::const_iterator> match;
    if (line.empty() || line.size() > kLongestLine ||
        !std::regex_search(line.begin(), line.end(), match, expression))
      continue;
    LineMatch found{fmt::format("{}:{}", name, number), {}};
    for (size_t i = 1; i < match.size(); ++i) found.captures.push_back(match[i].str());
    return found;
  }
  return std::nullopt;
}

}  // namespace reconproof::submission
