// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/names.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <utility>

namespace reconproof::submission {
namespace {

/// What a file system that ignores case or composes characters takes a name for.
std::string folded(const std::string& name) {
  std::string lower;
  bool ascii = true;
  for (char c : name) {
    ascii = ascii && static_cast<unsigned char>(c) < 0x80;
    lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (ascii) return lower;
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t size = ::utf8proc_map(
      reinterpret_cast<const utf8proc_uint8_t*>(name.data()),
      static_cast<utf8proc_ssize_t>(name.size()), &mapped,
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  return size < 0 ? name
                  : std::string(reinterpret_cast<const char*>(mapped), static_cast<size_t>(size));
}

}  // namespace

std::vector<BundleProblem> name_collisions(const std::set<std::string>& files,
                                           const std::set<std::string>& folders) {
  std::vector<BundleProblem> problems;
  // A name in its folder, and not the whole path: a few bytes for each folder on the way, however
  // many there are.
  struct Known {
    size_t id = 0;
    std::string name;  // as first seen
  };
  std::map<std::pair<size_t, std::string>, Known> seen;  // id of the folder, folded name
  const auto report = [&](const std::string& path, const std::string& message) {
    problems.push_back({"collision", path, message, system::ExitCode::kMalformed});
  };
  const auto visit = [&](const std::string& path) {
    size_t folder = 0, end = 0;
    for (size_t begin = 0; begin <= path.size(); begin = end + 1) {
      end = std::min(path.find('/', begin), path.size());
      const std::string name = path.substr(begin, end - begin);
      const Known& known =
          seen.emplace(std::pair(folder, folded(name)), Known{seen.size() + 1, name}).first->second;
      if (known.name != name) {
        return report(
            path,
            fmt::format("differs from '{}' only in case or composition of characters; some file "
                        "systems hold just one of them",
                        path.substr(0, begin) + known.name));
      }
      if (end < path.size() && files.contains(path.substr(0, end))) {
        return report(path, fmt::format("lies below '{}', which is a file", path.substr(0, end)));
      }
      folder = known.id;
    }
  };
  for (const std::string& path : files) {
    visit(path);
    if (folders.contains(path)) report(path, "is both a file and a folder");
  }
  for (const std::string& path : folders) visit(path);
  return problems;
}

}  // namespace reconproof::submission
