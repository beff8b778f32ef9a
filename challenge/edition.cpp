// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/edition.h"

#include <algorithm>
#include <set>

#include "formats/toml.h"
#include "system/embedded.h"
#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"

namespace reconproof::challenge {

using formats::TomlTable;
using system::Code;
using system::fail;

std::span<const system::EmbeddedFile> embedded_files();  // editions/*.toml (cmake/Embed.cmake)

namespace {

constexpr int64_t kSchemaVersion = 2;

constexpr std::string_view kCertainties[] = {"stated", "derived", "uncertain"};

/// Of a rule or a number: how sure its source makes us.
std::string certainty_of(TomlTable& table) {
  std::string certainty = table.text("certainty");
  if (std::ranges::find(kCertainties, std::string_view(certainty)) == std::end(kCertainties))
    fail(Code::kCorrupt, "{}: expected stated, derived or uncertain", table.where("certainty"));
  return certainty;
}

Rule parse_rule(TomlTable table) {
  Rule rule;
  rule.id = table.text("id");
  rule.text = table.text("text");
  rule.text_ko = table.text("text_ko");
  try {
    rule.severity = severity_from_text(table.text("severity"));
  } catch (const system::Error&) {
    fail(Code::kCorrupt, "{}: expected error, warning or note", table.where("severity"));
  }
  rule.remediation = table.text("remediation");
  rule.remediation_ko = table.text("remediation_ko");
  rule.source = table.text("source");
  rule.certainty = certainty_of(table);
  rule.limit = table.optional_number("limit");
  rule.unit = table.text_or("unit", "");
  if (rule.limit.has_value() == rule.unit.empty()) {
    fail(Code::kCorrupt, "{}: a limit needs its unit, and a unit its limit", table.where("limit"));
  }
  table.expect_no_more();
  return rule;
}

template <typename Enum>
Enum choice(TomlTable& table, const std::string& key,
            std::initializer_list<std::pair<const char*, Enum>> choices) {
  const std::string text = table.text(key);
  std::string names;
  for (const auto& [name, value] : choices) {
    if (text == name) return value;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  fail(Code::kCorrupt, "{}: '{}', expected one of {}", table.where(key), text, names);
}

SpeedTerm parse_speed(TomlTable table) {
  SpeedTerm speed{table.number("bonus"), table.number("full_ms"), table.number("none_ms"),
                  certainty_of(table), table.text("source")};
  if (!(speed.bonus >= 0 && speed.full_ms >= 0 && speed.none_ms > speed.full_ms)) {
    fail(Code::kCorrupt, "{}: expected bonus >= 0 and 0 <= full_ms < none_ms",
         table.where("bonus"));
  }
  table.expect_no_more();
  return speed;
}

/// ".4f": what fmt and Python print alike.
bool is_number_format(const std::string& text) {
  return text.size() == 3 && text[0] == '.' && text[1] >= '1' && text[1] <= '9' &&
         (text[2] == 'f' || text[2] == 'g');
}

ScoreRules parse_score(TomlTable table) {
  ScoreRules score;
  score.metric = choice<Metric>(table, "metric",
                                {{"masked-map", Metric::kMaskedMap},
                                 {"mask-and-boxes", Metric::kMaskAndBoxes},
                                 {"volume", Metric::kVolume}});
  score.order = choice<VolumeOrder>(
      table, "order", {{"number", VolumeOrder::kNumber}, {"name", VolumeOrder::kName}});
  score.label_set = table.text_or("label_set", score.label_set);
  score.format = table.text("format");
  if (!is_number_format(score.format))
    fail(Code::kCorrupt, "{}: expected such as \".4f\" or \".4g\"", table.where("format"));
  score.print = table.text("print");
  score.timed_print = table.text_or("timed_print", "");
  score.slow_warning = table.text_or("slow_warning", "");
  score.slow_volume_s = table.optional_number("slow_volume_s").value_or(0);
  if (auto speed = table.table("speed")) score.speed = parse_speed(std::move(*speed));
  table.expect_no_more();
  return score;
}

Cell parse_cell(TomlTable table) {
  Cell cell{table.text("name"), table.text("folder"), table.texts_or_empty("also")};
  for (const std::string& part : {cell.name, cell.folder}) {
    if (part == "." || part == ".." || part.find('/') != std::string::npos)
      fail(Code::kCorrupt, "{}: '{}' is not a plain folder name", table.where("name"), part);
  }
  table.expect_no_more();
  return cell;
}

Anatomy parse_anatomy(TomlTable table) {
  Anatomy anatomy{table.text("prefix"), table.optional_number("mask_threshold").value_or(0),
                  table.integer("official_volumes")};
  if (anatomy.official_volumes < 0 || anatomy.official_volumes > 100'000) {
    fail(Code::kCorrupt, "{}: expected 0 to 100000, 0 for not known",
         table.where("official_volumes"));
  }
  table.expect_no_more();
  return anatomy;
}

/// Every {name} of a text must be something that is printed: an item, or with `times` one of those,
/// over all or of a cell.
void check_print(const Edition& edition, const std::string& text,
                 const std::vector<std::string>& times, const std::string& name) {
  std::vector<std::string> known = edition.item_names();
  for (const std::string& item : edition.item_names()) known.push_back(item + "_spread");
  for (const std::string& time : times) {
    known.push_back(time);
    for (const Cell& cell : edition.cells) known.push_back(time + "_" + cell.name);
  }
  fill_placeholders(text, [&](const std::string& key) {
    if (std::ranges::find(known, key) != known.end()) return std::string();
    fail(Code::kCorrupt, "{}: score.print: {{{}}} is none of {}", name, key,
         fmt::join(edition.item_names(), ", "));
  });
}

void check_whole(const Edition& edition, const std::string& name) {
  if (edition.cells.empty()) fail(Code::kCorrupt, "{}: cell: needs at least one", name);
  if (edition.anatomies.empty()) fail(Code::kCorrupt, "{}: anatomy: needs at least one", name);
  std::set<std::string> seen;
  for (const Rule& rule : edition.rules) {
    if (!seen.insert(rule.id).second)
      fail(Code::kCorrupt, "{}: rule '{}' is there twice", name, rule.id);
  }
  for (const Cell& cell : edition.cells) {
    if (cell.name.empty() && edition.cells.size() > 1)
      fail(Code::kCorrupt, "{}: cell.name: only a single cell may go without a name", name);
    if (!seen.insert("cell " + cell.name).second)
      fail(Code::kCorrupt, "{}: cell '{}' is there twice", name, cell.name);
  }
  // Whoever scores needs these.
  for (const char* id : {"layout.volumes", "layout.shape", "layout.float32", "values.finite"}) {
    if (!edition.find_rule(id)) fail(Code::kCorrupt, "{}: rule: needs the rule '{}'", name, id);
  }
  // The window of the SSIM is 7 x 7.
  if (edition.image_size != 0 && (edition.image_size < 7 || edition.image_size > 4096))
    fail(Code::kCorrupt, "{}: image_size: expected 7 to 4096, or 0 for that of each label", name);
  check_print(edition, edition.score.print, {}, name);
  check_print(edition, edition.score.timed_print, {"seconds", "ms"}, name);
  check_print(edition, edition.score.slow_warning, {"slow_volumes"}, name);
}

}  // namespace

std::string fill_placeholders(const std::string& text,
                              const std::function<std::string(const std::string&)>& value_of) {
  std::string filled;
  size_t at = 0;
  for (size_t open; (open = text.find('{', at)) != std::string::npos;) {
    const size_t close = text.find('}', open);
    if (close == std::string::npos) break;
    filled += text.substr(at, open - at) + value_of(text.substr(open + 1, close - open - 1));
    at = close + 1;
  }
  return filled + text.substr(at);
}

std::string ScoreRules::printed(double value) const {
  return fmt::format(fmt::runtime("{:" + format + "}"), value);
}

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
  edition.official_name = root.text_or("official_name", "");
  edition.official_gpu = root.text("official_gpu");
  edition.crop_zero_pads = root.boolean_or("crop_zero_pads", true);
  if (auto score = root.table("score"))
    edition.score = parse_score(std::move(*score));
  else
    fail(Code::kCorrupt, "{}: missing table", root.where("score"));
  for (TomlTable& table : root.tables("cell")) edition.cells.push_back(parse_cell(table));
  for (TomlTable& table : root.tables("anatomy")) edition.anatomies.push_back(parse_anatomy(table));
  for (TomlTable& table : root.tables("rule")) edition.rules.push_back(parse_rule(table));
  root.expect_no_more();
  check_whole(edition, name);
  return edition;
}

Edition read_edition(const std::filesystem::path& path) {
  constexpr int64_t kMost = 1 << 20;
  return parse_edition(system::read_file(path, kMost), path.string());
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
  const auto lower = [](std::string_view text) {
    std::string result(text);
    for (char& c : result)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
  };
  const Anatomy* found = anatomies.size() == 1 ? &anatomies.front() : nullptr;
  for (const Anatomy& anatomy : anatomies) {
    if (anatomies.size() == 1 || lower(file_name).find(lower(anatomy.prefix)) == std::string::npos)
      continue;
    if (found) return nullptr;  // both are named
    found = &anatomy;
  }
  return found;
}

std::vector<std::string> Edition::item_names() const {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name, const std::string& prefix) {
    names.push_back(name);
    for (const Cell& cell : cells)
      if (!cell.name.empty()) names.push_back(prefix + cell.name);
  };
  switch (score.metric) {
    case Metric::kMaskedMap:
      add("total", "");
      break;
    case Metric::kMaskAndBoxes:
      add("ssim_full", "ssim_full_");
      add("ssim_bbox", "ssim_bbox_");
      if (score.speed) names.push_back("score");
      break;
    case Metric::kVolume:
      for (const char* name : {"mse", "nmse", "psnr", "ssim"}) add(name, name + std::string("_"));
      break;
  }
  return names;
}

int64_t Edition::official_volume_count() const {
  int64_t count = 0;
  for (const Anatomy& anatomy : anatomies) count += anatomy.official_volumes;
  return count;
}

std::vector<std::string> Edition::official_volumes() const {
  std::vector<std::string> names;
  if (official_name.empty()) return names;
  for (const Anatomy& anatomy : anatomies) {
    for (int64_t number = 1; number <= anatomy.official_volumes; ++number) {
      names.push_back(fill_placeholders(official_name, [&](const std::string& key) {
        return key == "prefix" ? anatomy.prefix : std::to_string(number);
      }));
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
