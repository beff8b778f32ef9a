// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The bytes of a bag, hashed side by side. A large file is hashed in parts that begin and end at
// the states of SHA-256 that meta/shards.json gives: where all parts hold, the file's SHA-256 is
// the manifest's, and where one does not, the damage lies in it.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "submission/bundle/folder_writer.h"
#include "submission/bundle/inventory.h"

namespace reconproof::submission {

/// The folders of data/ that can be asked for by themselves.
inline constexpr std::array kPayloadParts = {"attachments", "code", "logs", "recon", "weights"};

/// "weights,code"; kUsage for anything but names of kPayloadParts.
std::set<std::string> parse_parts(std::string_view text);

/// Is the file one of these parts of the payload (all when empty), or outside the payload?
bool is_wanted(const std::string& path, const std::set<std::string>& parts);

struct HashOptions {
  int threads = 0;                        // 0: one a core
  std::set<std::string> parts;            // of the payload; empty: all of it
  const FolderWriter* copy_to = nullptr;  // where the files were made, to be filled
};

/// Fills in the SHA-256 of all files that are wanted. meta/shards.json is used where the tag
/// manifest vouches for it; what is wrong with it alone is added to the problems. Memory does not
/// grow with the size of the files.
void hash_files(OpenBag& bag, const HashOptions& options = {});

}  // namespace reconproof::submission
