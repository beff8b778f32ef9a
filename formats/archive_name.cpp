// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/archive_name.h"

#include <fmt/core.h>

#include <algorithm>

#include "system/terminal.h"

namespace reconproof::formats {
namespace {

constexpr size_t kMaxComponent = 255;  // NAME_MAX of Linux
// Whoever looks at every folder on the way to a file must not do so for hundreds of them.
constexpr int kMaxComponents = 64;

}  // namespace

std::string unsafe_name_reason(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name.front() == '/') return "is absolute";
  if (name.find('\\') != std::string_view::npos) return "has a backslash";
  // `printable` changes exactly what is no text: control characters, overrides and invalid UTF-8.
  if (name.find('\0') != std::string_view::npos || system::printable(name) != name) {
    return "has control characters or is not valid UTF-8";
  }
  int components = 0;
  for (size_t begin = 0; begin <= name.size();) {
    if (++components > kMaxComponents)
      return fmt::format("has more than {} components", kMaxComponents);
    const size_t end = std::min(name.find('/', begin), name.size());
    const std::string_view component = name.substr(begin, end - begin);
    if (component.empty()) return "has an empty component";
    if (component == "." || component == "..")
      return fmt::format("has a component '{}'", component);
    if (component.size() > kMaxComponent) return "has a component of more than 255 bytes";
    begin = end + 1;
  }
  return "";
}

}  // namespace reconproof::formats
