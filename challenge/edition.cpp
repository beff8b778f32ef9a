// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/edition.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "formats/toml.h"
#include "system/embedded.h"
#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::challenge {

using formats::TomlTable;
using system::Code;
using system::fail;

std::span<const system::EmbeddedFile> embedded_files();  // editions/*.toml (cmake/Embed.cmake)

namespace {

// Grows with editions/schema.json, which challenge/CMakeLists.txt pins.
constexpr int64_t kSchemaVersion = 4;

constexpr std::pair<const char*, Metric> kMetrics[] = {{"masked-map", Metric::kMaskedMap},
                                                       {"mask-and-boxes", Metric::kMaskAndBoxes},
                                                       {"volume", Metric::kVolume}};
constexpr std::pair<const char*, VolumeOrder> kOrders[] = {{"number", VolumeOrder::kNumber},
                                                           {"name", VolumeOrder::kName}};

template <typename Enum, size_t kCount>
const char* name_of(const std::pair<const char*, Enum> (&choices)[kCount], Enum value) {
  const auto found = std::ranges::find(choices, value, &std::pair<const char*, Enum>::second);
  RP_ASSERT(found != std::end(choices));
  return found->first;
}

constexpr std::string_view kCertainties[] = {"stated", "derived", "uncertain"};

/// Of a rule or a number: how sure its source makes us.
std::string certainty_of(TomlTable& table) {
  std::string certainty = table.text("certainty");
  if (std::ranges::find(kCertainties, std::string_view(certainty)) == std::end(kCertainties))
    fail(Code::kCorrupt, "{}: expected stated, derived or uncertain", table.where("certainty"));
  return certainty;
}

/// Text that must say something.
std::string filled_text(TomlTable& table, const std::string& key) {
  std::string text = table.text(key);
  if (text.empty()) fail(Code::kCorrupt, "{}: is empty, expected text", table.where(key));
  return text;
}

/// Names that are printed, typed and part of paths: "snu-2025", "layout.volumes".
std::string name_text(TomlTable& table, const std::string& key) {
  std::string text = table.text(key);
  const bool plain = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
  if (!plain || text.empty() || text.front() == '-' || text.front() == '.') {
    fail(Code::kCorrupt, "{}: '{}', expected lower-case letters, digits, '-' and '.'",
         table.where(key), system::printable(text));
  }
  return text;
}

/// A finite number that is not negative.
double amount(TomlTable& table, const std::string& key) {
  const double value = table.number(key);
  if (!std::isfinite(value) || value < 0)
    fail(Code::kCorrupt, "{}: {}, expected a number from 0 on", table.where(key), value);
  return value;
}

/// The name of a folder, not a path.
void expect_folder_name(const TomlTable& table, const std::string& key, const std::string& name) {
  if (name == "." || name == ".." || name.find('/') != std::string::npos) {
    fail(Code::kCorrupt, "{}: '{}' is not a plain folder name", table.where(key),
         system::printable(name));
  }
}

Rule parse_rule(TomlTable& table) {
  Rule rule;
  rule.id = name_text(table, "id");
  rule.text = filled_text(table, "text");
  rule.text_ko = filled_text(table, "text_ko");
  try {
    rule.severity = severity_from_text(table.text("severity"));
  } catch (const system::Error&) {
    fail(Code::kCorrupt, "{}: expected error, warning or note", table.where("severity"));
  }
  rule.remediation = filled_text(table, "remediation");
  rule.remediation_ko = filled_text(table, "remediation_ko");
  rule.source = filled_text(table, "source");
  rule.certainty = certainty_of(table);
  if (table.optional_number("limit")) rule.limit = amount(table, "limit");
  rule.unit = table.text_or("unit", "");
  if (rule.limit.has_value() == rule.unit.empty()) {
    fail(Code::kCorrupt, "{}: a limit needs its unit, and a unit its limit", table.where("limit"));
  }
  if (table.optional_number("limit_high")) {
    rule.limit_high = amount(table, "limit_high");
    if (!rule.limit || *rule.limit_high < *rule.limit || rule.certainty != "uncertain") {
      fail(Code::kCorrupt, "{}: expected no less than limit, of a rule that is uncertain",
           table.where("limit_high"));
    }
  }
  table.expect_no_more();
  return rule;
}

template <typename Enum, size_t kCount>
Enum choice(TomlTable& table, const std::string& key,
            const std::pair<const char*, Enum> (&choices)[kCount]) {
  const std::string text = table.text(key);
  std::string names;
  for (const auto& [name, value] : choices) {
    if (text == name) return value;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  fail(Code::kCorrupt, "{}: '{}', expected one of {}", table.where(key), text, names);
}

SpeedTerm parse_speed(TomlTable& table) {
  SpeedTerm speed{amount(table, "bonus"), amount(table, "full_ms"), amount(table, "none_ms"),
                  certainty_of(table), filled_text(table, "source")};
  if (speed.none_ms <= speed.full_ms) {
    fail(Code::kCorrupt, "{}: {}, expected more than full_ms, {}", table.where("none_ms"),
         speed.none_ms, speed.full_ms);
  }
  table.expect_no_more();
  return speed;
}

Reference parse_reference(TomlTable& table) {
  const auto size = [&](const char* key) {
    const int64_t value = table.integer(key);
    if (value < 1 || value > 4096)
      fail(Code::kCorrupt, "{}: {}, expected 1 to 4096", table.where(key), value);
    return value;
  };
  Reference reference{.ms_per_slice = amount(table, "ms_per_slice"),
                      .network = {size("cascades"), size("chans"), size("sens_chans")},
                      .coils = size("coils"),
                      .rows = size("rows"),
                      .columns = size("columns"),
                      .certainty = certainty_of(table),
                      .source = filled_text(table, "source")};
  if (const std::string absurd = absurd_size_reason(reference.network); !absurd.empty())
    fail(Code::kCorrupt, "{}: {}", table.where("cascades"), absurd);
  if (reference.ms_per_slice == 0)
    fail(Code::kCorrupt, "{}: 0, expected more", table.where("ms_per_slice"));
  table.expect_no_more();
  return reference;
}

/// ".4f": what fmt and Python print alike.
bool is_number_format(const std::string& text) {
  return text.size() == 3 && text[0] == '.' && text[1] >= '1' && text[1] <= '9' &&
         (text[2] == 'f' || text[2] == 'g');
}

ScoreRules parse_score(TomlTable& table) {
  ScoreRules score;
  score.metric = choice(table, "metric", kMetrics);
  score.order = choice(table, "order", kOrders);
  score.label_set = table.text_or("label_set", score.label_set);
  if (score.label_set.empty())
    fail(Code::kCorrupt, "{}: is empty, expected text", table.where("label_set"));
  score.format = table.text("format");
  if (!is_number_format(score.format))
    fail(Code::kCorrupt, "{}: expected such as \".4f\" or \".4g\"", table.where("format"));
  score.print = filled_text(table, "print");
  score.timed_print = table.text_or("timed_print", "");
  score.slow_warning = table.text_or("slow_warning", "");
  if (table.optional_number("slow_volume_s")) score.slow_volume_s = amount(table, "slow_volume_s");
  if (score.slow_warning.empty() != (score.slow_volume_s == 0)) {
    fail(Code::kCorrupt, "{}: a warning needs its seconds, and seconds their warning",
         table.where("slow_volume_s"));
  }
  if (auto speed = table.table("speed")) {
    if (score.metric != Metric::kMaskAndBoxes)
      fail(Code::kCorrupt, "{}: only mask-and-boxes adds it to a score", table.where("speed"));
    score.speed = parse_speed(*speed);
  }
  table.expect_no_more();
  return score;
}

Cell parse_cell(TomlTable& table) {
  Cell cell{table.text("name"), table.text("folder"), table.texts_or_empty("also")};
  expect_folder_name(table, "name", cell.name);
  expect_folder_name(table, "folder", cell.folder);
  for (const std::string& folder : cell.also) {
    if (folder.empty()) fail(Code::kCorrupt, "{}: holds an empty name", table.where("also"));
    expect_folder_name(table, "also", folder);
  }
  table.expect_no_more();
  return cell;
}

Anatomy parse_anatomy(TomlTable& table, Metric metric) {
  Anatomy anatomy;
  anatomy.prefix = table.text("prefix");
  if (metric != Metric::kVolume || table.optional_number("mask_threshold"))
    anatomy.mask_threshold = amount(table, "mask_threshold");
  anatomy.official_volumes = table.integer("official_volumes");
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
                 const std::vector<std::string>& times, const std::string& where) {
  std::vector<std::string> known = edition.item_names();
  for (const std::string& item : edition.item_names()) known.push_back(item + "_spread");
  for (const std::string& time : times) {
    known.push_back(time);
    for (const Cell& cell : edition.cells) known.push_back(time + "_" + cell.name);
  }
  fill_placeholders(text, [&](const std::string& key) {
    if (std::ranges::find(known, key) != known.end()) return std::string();
    fail(Code::kCorrupt, "{}: {{{}}} is none of {}", where, system::printable(key),
         fmt::join(known, ", "));
  });
}

/// Names of volumes differ by their number, and are names rather than paths.
void check_official_name(const std::string& name, const std::string& where) {
  bool numbered = false;
  fill_placeholders(name, [&](const std::string& key) {
    numbered = numbered || key == "number";
    if (key == "number" || key == "prefix") return std::string();
    fail(Code::kCorrupt, "{}: {{{}}} is neither {{prefix}} nor {{number}}", where,
         system::printable(key));
  });
  if (!numbered) fail(Code::kCorrupt, "{}: has no {{number}}", where);
  if (name.find('/') != std::string::npos)
    fail(Code::kCorrupt, "{}: expected a file name, not a path", where);
}

/// Adds a cell whose name and folders no earlier one has.
void add_cell(Edition& edition, TomlTable& table) {
  const Cell cell = parse_cell(table);
  for (const Cell& other : edition.cells) {
    if (cell.name.empty() || other.name.empty()) {
      fail(Code::kCorrupt, "{}: only a single cell may go without a name", table.where("name"));
    }
    if (cell.name == other.name)
      fail(Code::kCorrupt, "{}: cell '{}' is there twice", table.where("name"), cell.name);
    if (cell.folder == other.folder)
      fail(Code::kCorrupt, "{}: folder '{}' is there twice", table.where("folder"), cell.folder);
    for (const std::string& folder : cell.also) {
      if (folder == other.folder || std::ranges::find(other.also, folder) != other.also.end())
        fail(Code::kCorrupt, "{}: '{}' is another cell's", table.where("also"), folder);
    }
    if (std::ranges::find(other.also, cell.folder) != other.also.end())
      fail(Code::kCorrupt, "{}: '{}' is another cell's", table.where("folder"), cell.folder);
  }
  edition.cells.push_back(cell);
}

void add_anatomy(Edition& edition, TomlTable& table) {
  const Anatomy anatomy = parse_anatomy(table, edition.score.metric);
  for (const Anatomy& other : edition.anatomies) {
    if (anatomy.prefix == other.prefix)
      fail(Code::kCorrupt, "{}: '{}' is there twice", table.where("prefix"), anatomy.prefix);
  }
  edition.anatomies.push_back(anatomy);
}

void add_rule(Edition& edition, TomlTable& table) {
  const Rule rule = parse_rule(table);
  if (edition.find_rule(rule.id))
    fail(Code::kCorrupt, "{}: rule '{}' is there twice", table.where("id"), rule.id);
  edition.rules.push_back(rule);
}

/// The name of a folder on any file system.
bool is_plain_name(const std::string& name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.front() != '.' && std::ranges::all_of(name, plain);
}

void parse_identity(Edition& edition, TomlTable& root) {
  edition.id = name_text(root, "id");
  edition.title = filled_text(root, "title");
  edition.version = root.integer("version");
  if (edition.version < 1) fail(Code::kCorrupt, "{}: expected 1 or more", root.where("version"));
  edition.image_size = root.integer("image_size");
  // The window of the SSIM is 7 x 7.
  if (edition.image_size != 0 && (edition.image_size < 7 || edition.image_size > 4096)) {
    fail(Code::kCorrupt, "{}: expected 7 to 4096, or 0 for that of each label",
         root.where("image_size"));
  }
  edition.official_name = root.text_or("official_name", "");
  if (!edition.official_name.empty())
    check_official_name(edition.official_name, root.where("official_name"));
  edition.official_gpu = root.text_or("official_gpu", "");
  edition.repository_folder = root.text_or("repository_folder", edition.repository_folder);
  if (!is_plain_name(edition.repository_folder)) {
    fail(Code::kCorrupt, "{}: '{}', expected letters, digits, '.', '_' and '-'",
         root.where("repository_folder"), system::printable(edition.repository_folder));
  }
  edition.crop_zero_pads = root.boolean_or("crop_zero_pads", true);
}

/// Scores, cells, anatomies and rules, and what they demand of each other.
void parse_tables(Edition& edition, TomlTable& root) {
  std::optional<TomlTable> score = root.table("score");
  if (!score) fail(Code::kCorrupt, "{}: missing table", root.where("score"));
  edition.score = parse_score(*score);
  if (auto reference = root.table("reference")) {
    if (edition.official_gpu.empty())
      fail(Code::kCorrupt, "{}: without an official_gpu", root.where("reference"));
    edition.reference = parse_reference(*reference);
  }
  for (TomlTable& table : root.tables("cell")) add_cell(edition, table);
  for (TomlTable& table : root.tables("anatomy")) add_anatomy(edition, table);
  for (TomlTable& table : root.tables("rule")) add_rule(edition, table);
  root.expect_no_more();  // before anything is called missing that is only mistyped
  if (edition.cells.empty()) fail(Code::kCorrupt, "{}: needs at least one", root.where("cell"));
  if (edition.anatomies.empty())
    fail(Code::kCorrupt, "{}: needs at least one", root.where("anatomy"));
  // Whoever scores needs these.
  for (const char* id : {"layout.volumes", "layout.shape", "layout.float32", "values.finite"}) {
    if (!edition.find_rule(id))
      fail(Code::kCorrupt, "{}: needs the rule '{}'", root.where("rule"), id);
  }
  check_print(edition, edition.score.print, {}, score->where("print"));
  check_print(edition, edition.score.timed_print, {"seconds", "ms"}, score->where("timed_print"));
  check_print(edition, edition.score.slow_warning, {"slow_volumes"}, score->where("slow_warning"));
}

}  // namespace

const char* metric_text(Metric metric) { return name_of(kMetrics, metric); }

const char* order_text(VolumeOrder order) { return name_of(kOrders, order); }

Metric metric_from_text(const std::string& text) {
  for (const auto& [name, value] : kMetrics) {
    if (text == name) return value;
  }
  fail(Code::kUsage, "no metric '{}'; expected masked-map, mask-and-boxes or volume", text);
}

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

std::optional<std::string> ScoreRules::reprinted(const std::string& text) const {
  if (text.empty() || text.find_first_not_of("0123456789.+-e") != std::string::npos)
    return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (*end != '\0') return std::nullopt;
  return printed(value);
}

Edition parse_edition(std::string_view text, const std::string& name) {
  const toml::table document = formats::parse_toml(text, name);
  TomlTable root(document, name);
  if (root.text("schema") != "reconproof.edition")
    fail(Code::kCorrupt, "{}: expected \"reconproof.edition\"", root.where("schema"));
  if (const int64_t version = root.integer("schema_version"); version != kSchemaVersion) {
    fail(Code::kCorrupt, "{}: {}, but this program reads version {}", root.where("schema_version"),
         version, kSchemaVersion);
  }
  Edition edition;
  edition.sha256 = system::sha256_hex(text);
  parse_identity(edition, root);
  parse_tables(edition, root);
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
