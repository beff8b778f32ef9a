// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// meta/shards.json (docs/formats/bundle.md): where SHA-256 stood inside each large file. With it a
// file's parts are hashed side by side, and damage is told to the part, at no cost for who packs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reconproof::submission {

inline constexpr const char* kShardsFile = "meta/shards.json";
inline constexpr int64_t kShardBytes = int64_t{16} << 20;

/// Path in the bag -> chaining values of SHA-256 (`system::Sha256::chaining_value`) after each
/// kShardBytes that are followed by more bytes. Files of at most kShardBytes are not listed.
using Shards = std::map<std::string, std::vector<std::string>>;

/// How many chaining values a file of this size has.
int64_t shard_boundaries(int64_t file_bytes);

std::string shards_text(const Shards& shards);
/// kCorrupt for anything that `shards_text` does not write.
Shards parse_shards(std::string_view text);

}  // namespace reconproof::submission
