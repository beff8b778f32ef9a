// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What stands in a bundle, and where its bytes lie; nothing is judged yet.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "formats/tar.h"
#include "submission/bundle/bag.h"
#include "system/files.h"

namespace reconproof::submission {

/// The files of meta/ that are judged by what they say.
inline constexpr std::array kJudgedMeta = {"claims", "environment", "findings", "submission"};

struct Inventory {
  struct File {
    int64_t size = 0;
    std::string sha256;  // "" as long as its bytes were not looked at
    bool executable = false;
    std::vector<int64_t> damaged_parts;  // of kShardBytes each, from 0; where they can be told
  };
  std::string top;                    // the bag's folder in the archive, or of the extracted bag
  std::map<std::string, File> files;  // paths in the bag
  bool archive = false;  // an extracted bag's modes are those of its file system, and say nothing
  std::set<std::string> folders;
  std::map<std::string, std::string>
      texts;  // contents of the tag files that are judged by what they say
  std::vector<BundleProblem> problems;  // of entries: links, unsafe names, ...
  std::set<std::string> parts;          // of the payload, that were hashed; empty: all of it
  bool complete = true;  // false: the archive is malformed, the rest of it is unknown
};

/// The path in the bag of an archive's entry `name`; "" for the bag's folder itself. Nothing when
/// the entry stands outside the folder `top`.
std::optional<std::string> path_in_bag(const std::string& name, const std::string& top);

/// Where the contents of a file of the bag lie: from `offset` on in the archive, or in a file of
/// their own.
struct Place {
  std::shared_ptr<const system::Descriptor> file;
  int64_t offset = 0;
  std::string name;  // of `file`, for messages
};

struct OpenBag {
  Inventory inventory;
  std::function<Place(const std::string& path)> locate;  // may be called from several threads
};

/// One pass over the headers of an archive, or over an extracted folder; of the files only the
/// texts are read and hashed (hashing.h does the rest). Throws kNotFound when `bundle` cannot be
/// opened; a malformed archive is a problem.
OpenBag open_bag(const std::filesystem::path& bundle, const formats::TarLimits& limits = {});

}  // namespace reconproof::submission
