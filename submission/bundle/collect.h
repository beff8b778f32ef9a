// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What of a project goes into its bundle, and under which name. Nothing is copied or hashed here.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "submission/project.h"
#include "system/files.h"

namespace reconproof::submission {

/// A file as it stood when the project was looked through: whoever reads it later can tell that it
/// changed.
struct SourceFile {
  std::filesystem::path path;  // on this machine
  int64_t size = 0;
  int64_t mtime_ns = 0;
  dev_t device = 0;
  ino_t inode = 0;
  bool executable = false;
};

struct Collection {
  std::map<std::string, SourceFile> payload;  // "data/..." -> where it lies
  std::map<std::string, std::string> meta;    // "meta/....json" -> contents
  std::map<std::string, std::string>
      judged;  // "data/..." -> SHA-256 of the file that `reconproof check` judged
  std::vector<std::string> warnings;                   // for the person who packs
  std::shared_ptr<system::TemporaryFolder> generated;  // holds payload that was made for the bundle
};

/// The warning of a collection without a check.
inline constexpr const char* kUncheckedWarning =
    "packed without `reconproof check`: the bundle says so";

/// What is collected for: a bundle holds everything, the organisers' own layout neither
/// reconstructions nor views of weights.
enum class HandInForm { kBundle, kOfficialLayout };

struct CollectOptions {
  HandInForm form = HandInForm::kBundle;
  bool unchecked = false;     // leave check.json out, whether there is one or not
  std::filesystem::path out;  // the bundle to be written: never part of itself
};

/// Throws kNotFound when weights, reconstructions or check.json are missing, kUnsupported for links
/// and names that a bundle cannot hold, each with what to do.
Collection collect(const Project& project, const CollectOptions& options);

}  // namespace reconproof::submission
