// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/edition.h"

#include <algorithm>

#include "formats/toml.h"
#include "system/embedded.h"
#include "system/error.h"
#include "system/sha256.h"

namespace reconproof::challenge {

using formats::TomlTable;
using system::Code;
using system::fail;

std::span<const system::EmbeddedFile> embedded_files();  // editions/*.toml (cmake/Embed.cmake)

namespace {

constexpr int64_t kSchemaVersion = 1;

/// "{prefix}_test{number}.h5" -> "brain_test7.h5"
std::string fill_name(std::string pattern, const std::string& prefix, int64_t number) {
  const auto replace = [&](const std::string& key, const std::string& value) {
    const size_t at = pattern.find(key);
    if (at != std::string::npos) pattern.replace(at, key.size(), value);
  };
  replace("{prefix}", prefix);
  replace("{number}", std::to_string(number));
  return pattern;
}

Rule parse_rule(TomlTable table) {
  Rule rule;
  rule.id = table.text("id");
  rule.text = table.text("text");
  try {
    rule.severity = severity_from_text(table.text("severity"));
  } catch (const system::Error&) {
    fail(Code::kCorrupt, "{}: expected error, warning or note", table.where("severity"));
  }
  rule.remediation = table.text("remediation");
  rule.source = table.text("source");
  rule.certainty = table.text("certainty");
  constexpr std::string_view kCertainties[] = {"stated", "derived", "uncertain"};
  if (std::find(std::begin(kCertainties), std::end(kCertainties), rule.certainty) ==
      std::end(kCertainties)) {
    fail(Code::kCorrupt, "{}: expected stated, derived or uncertain", table.where("certainty"));
  }
  rule.limit = table.optional_number("limit");
  rule.unit = table.text_or("unit", "");
  if (rule.limit.has_value() == rule.unit.empty()) {
    fail(Code::kCorrupt, "{}: a limit needs its unit, and a unit its limit", table.where("limit"));
  }
  table.expect_no_more();
  return rule;
}

void parse_score(Edition& edition, TomlTable table) {
  edition.decimals = table.integer("decimals");
  edition.total_label = table.text("total_label");
  edition.cell_label = table.text("cell_label");
  table.expect_no_more();
}

}  // namespace

Edition parse_edition(std::string_view text, const std::string& name) {
  const toml::table document = formats::parse_toml(text, name);
  TomlTable root(document, name);
  if (root.text("schema") != "reconproof.edition" ||
      root.integer("schema_version") != kSchemaVersion) {
    fail(Code::kCorrupt, "{}: expected \"reconproof.edition\", version {}", root.where("schema"),
         kSchemaVersion);
  }
  Edition edition;
  edition.sha256 = system::sha256_hex(text);
  edition.id = root.text("id");
  edition.title = root.text("title");
  edition.version = root.integer("version");
  edition.image_size = root.integer("image_size");
  edition.official_name = root.text("official_name");
  edition.official_gpu = root.text("official_gpu");
  edition.crop_zero_pads = root.boolean_or("crop_zero_pads", true);
  if (auto score = root.table("score"))
    parse_score(edition, std::move(*score));
  else
    fail(Code::kCorrupt, "{}: missing table", root.where("score"));
  for (TomlTable& table : root.tables("cell")) {
    edition.cells.push_back({table.text("name"), table.text("folder")});
    table.expect_no_more();
  }
  for (TomlTable& table : root.tables("anatomy")) {
    edition.anatomies.push_back(
        {table.text("prefix"), table.number("mask_threshold"), table.integer("official_volumes")});
    table.expect_no_more();
  }
  for (TomlTable& table : root.tables("rule")) edition.rules.push_back(parse_rule(table));
  root.expect_no_more();
  if (edition.cells.empty()) fail(Code::kCorrupt, "{}: needs at least one", root.where("cell"));
  if (edition.anatomies.empty())
    fail(Code::kCorrupt, "{}: needs at least one", root.where("anatomy"));
  // Whoever scores needs these.
  for (const char* id : {"layout.volumes", "layout.shape", "layout.float32", "values.finite"}) {
    if (!edition.find_rule(id))
      fail(Code::kCorrupt, "{}: needs the rule '{}'", root.where("rule"), id);
  }
  if (edition.image_size < 7 || edition.decimals < 1 || edition.decimals > 12) {
    fail(Code::kCorrupt, "{}: image_size must be at least 7, decimals 1 to 12", name);
  }
  return edition;
}

const Rule* Edition::find_rule(std::string_view rule_id) const {
  for (const Rule& candidate : rules) {
    if (candidate.id == rule_id) return &candidate;
  }
  return nullptr;
}

const Rule& Edition::rule(std::string_view rule_id) const {
  const Rule* found = find_rule(rule_id);
  if (!found) fail(Code::kInternal, "edition {} has no rule '{}'", id, rule_id);
  return *found;
}

const Anatomy* Edition::anatomy_of(std::string_view file_name) const {
  for (const Anatomy& anatomy : anatomies) {
    if (file_name.starts_with(anatomy.prefix)) return &anatomy;
  }
  return nullptr;
}

std::vector<std::string> Edition::official_volumes() const {
  std::vector<std::string> names;
  for (const Anatomy& anatomy : anatomies) {
    for (int64_t number = 1; number <= anatomy.official_volumes; ++number) {
      names.push_back(fill_name(official_name, anatomy.prefix, number));
    }
  }
  return names;
}

namespace {

const std::vector<Edition>& editions() {
  static const std::vector<Edition> all = [] {
    std::vector<Edition> parsed;
    for (const system::EmbeddedFile& file : embedded_files()) {
      parsed.push_back(parse_edition(file.contents, std::string(file.name)));
    }
    return parsed;
  }();
  return all;
}

}  // namespace

std::vector<std::string> edition_ids() {
  std::vector<std::string> ids;
  for (const Edition& edition : editions()) ids.push_back(edition.id);
  return ids;
}

const Edition& find_edition(const std::string& id) {
  for (const Edition& edition : editions()) {
    if (edition.id == id) return edition;
  }
  fail(Code::kUsage, "unknown edition '{}'; this version knows: {}", id,
       fmt::join(edition_ids(), ", "));
}

std::string rules_sha256() {
  system::Sha256 hash;
  for (const Edition& edition : editions()) hash.update(edition.id + " " + edition.sha256 + "\n");
  return hash.hex();
}

}  // namespace reconproof::challenge
