// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A project becomes one file to hand in (docs/formats/bundle.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "submission/project.h"

namespace reconproof::submission {

struct PackOptions {
  bool unchecked = false;
  /// Called as bytes of the payload are written, with how many; may throw to stop.
  std::function<void(int64_t bytes)> on_bytes;
  /// Called once before, with the payload's size.
  std::function<void(int64_t bytes)> on_begin;
};

struct PackResult {
  std::string id;                // SHA-256 of tagmanifest-sha256.txt
  int64_t files = 0, bytes = 0;  // of the bag, as `verify` counts them
  std::vector<std::string> warnings;
};

/// One pass over the files: each is hashed, in a second thread, while it is written, and none is
/// held in memory. The same project gives the same bytes on every machine. `out` appears when it is
/// complete, or not at all; what an earlier, killed `pack` of it left is removed.
PackResult pack(const Project& project, const std::filesystem::path& out,
                const PackOptions& options = {});

}  // namespace reconproof::submission
