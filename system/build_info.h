// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Which program this is. Every artifact embeds it.
#pragma once

#include <string>
#include <vector>

namespace reconproof::system {

struct BuildInfo {
  std::string version;        // "0.1.0"
  std::string revision;       // git commit, or "unknown"
  bool dirty = true;          // the tree differed from that commit when it was built
  std::string source_sha256;  // over all source files, whatever git says
  std::string compiler;       // "GNU 12.2.0"
  std::string build_type;
  std::string libtorch;  // version the baseline was built against, or "none"
  /// Folders outside /usr that the baseline loads LibTorch from; the sandbox must show them.
  std::vector<std::string> libtorch_folders;
};

const BuildInfo& build_info();

}  // namespace reconproof::system
