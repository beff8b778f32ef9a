// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What stands in a bundle, hashed in one pass over an archive or an extracted folder; nothing is
// judged yet.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "submission/bundle/bag.h"

namespace reconproof::submission {

struct Inventory {
  struct File {
    int64_t size = 0;
    std::string sha256;
    bool executable = false;
  };
  std::string top;                    // the bag's folder in the archive, or of the extracted bag
  std::map<std::string, File> files;  // paths in the bag
  std::set<std::string> folders;
  std::map<std::string, std::string>
      texts;  // contents of the tag files that are judged by what they say
  std::vector<BundleProblem> problems;  // of entries: links, unsafe names, ...
  bool complete = true;  // false: the archive is malformed, the rest of it is unknown
};

/// The path in the bag of an archive's entry `name`; "" for the bag's folder itself. Nothing when
/// the entry stands outside the folder `top`.
std::optional<std::string> path_in_bag(const std::string& name, const std::string& top);

/// Throws kNotFound when `bundle` cannot be opened; a malformed archive is a problem.
Inventory take_inventory(const std::filesystem::path& bundle);

}  // namespace reconproof::submission
