// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The JSON of meta/: the parser, the findings, the shards.
#include <nlohmann/json.hpp>

#include "challenge/finding.h"
#include "formats/strict_json.h"
#include "submission/bundle/shards.h"
#include "tests/fuzz/target.h"

namespace reconproof::fuzz {
namespace {

using nlohmann::json;

size_t depth_of(const json& value) {
  if (!value.is_structured()) return 0;
  size_t depth = 0;
  for (const json& item : value) depth = std::max(depth, depth_of(item));
  return depth + 1;
}

/// What is written of a value is read as the same value, and written the same again.
void check_value(std::string_view text) {
  json value;
  if (!accepted([&] { value = formats::parse_strict_json(text, "input"); })) return;
  RP_ASSERT(depth_of(value) <= formats::kMaxJsonDepth);
  const std::string canonical = formats::canonical_json(value);
  const json again = formats::parse_strict_json(canonical, "canonical");
  RP_ASSERT(again == value && formats::canonical_json(again) == canonical);
  accepted([&] { formats::parse_schema_json(text, "input", "reconproof.findings", 1); });
  challenge::Finding finding;
  if (!accepted([&] { finding = challenge::finding_from_json(value); })) return;
  const json stored = challenge::to_json(finding);
  RP_ASSERT(challenge::to_json(challenge::finding_from_json(stored)) == stored);
}

void check_shards(std::string_view text) {
  submission::Shards shards;
  if (!accepted([&] { shards = submission::parse_shards(text); })) return;
  RP_ASSERT(submission::parse_shards(submission::shards_text(shards)) == shards);
}

}  // namespace
}  // namespace reconproof::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = reconproof::fuzz::text_of(data, size);
  reconproof::fuzz::check_value(text);
  reconproof::fuzz::check_shards(text);
  return 0;
}
