// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/shards.h"

#include <algorithm>

#include "formats/strict_json.h"
#include "system/error.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::submission {

using nlohmann::json;

int64_t shard_boundaries(int64_t file_bytes) {
  return file_bytes > 0 ? (file_bytes - 1) / kShardBytes : 0;
}

std::string shards_text(const Shards& shards) {
  return formats::canonical_json({{"schema", "reconproof.shards"},
                                  {"schema_version", 1},
                                  {"shard_bytes", kShardBytes},
                                  {"files", shards}});
}

Shards parse_shards(std::string_view text) {
  const auto wrong = [](const std::string& what) {
    system::fail(system::Code::kCorrupt, "{}: {}", kShardsFile, what);
  };
  const json document = formats::parse_schema_json(text, kShardsFile, "reconproof.shards", 1);
  if (document.value("shard_bytes", json()) != kShardBytes)
    wrong(fmt::format("'shard_bytes' is not {}", kShardBytes));
  const json files = document.value("files", json());
  if (!files.is_object()) wrong("'files' is missing or no object");
  Shards shards;
  for (const auto& [path, values] : files.items()) {
    const auto is_value = [](const json& value) {
      return value.is_string() && system::is_sha256(value.get_ref<const std::string&>());
    };
    if (!values.is_array() || values.empty() || !std::ranges::all_of(values, is_value)) {
      wrong(fmt::format("'{}': expected a list of 64 lower-case hexadecimal digits each",
                        system::printable(path)));
    }
    shards[path] = values.get<std::vector<std::string>>();
  }
  return shards;
}

}  // namespace reconproof::submission
