// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// editions/schema.json, which editors use, and parse_edition, which we use, agree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "challenge/edition.h"
#include "formats/toml.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::challenge {
namespace {

using nlohmann::json;

const std::filesystem::path kFolder = RECONPROOF_EDITIONS;

std::string text_of(const std::string& name) {
  return system::read_file(kFolder / name, int64_t{1} << 20);
}

json as_json(const std::string& toml_text) {
  const toml::table table = formats::parse_toml(toml_text, "rules.toml");
  std::ostringstream text;
  text << toml::json_formatter(table);
  return json::parse(text.str());
}

/// What the schema finds wrong; empty when it accepts.
std::vector<std::string> schema_errors(const json& document) {
  const json text = json::parse(text_of("schema.json"));
  valijson::Schema schema;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7)
      .populateSchema(valijson::adapters::NlohmannJsonAdapter(text), schema);
  valijson::ValidationResults results;
  valijson::Validator validator;
  const valijson::adapters::NlohmannJsonAdapter adapter(document);
  if (validator.validate(schema, adapter, &results)) return {};
  std::vector<std::string> errors;
  for (valijson::ValidationResults::Error error; results.popError(error);) {
    std::string place;
    for (const std::string& part : error.context) place += part;
    errors.push_back(place + ": " + error.description);
  }
  return errors;
}

bool parser_accepts(const std::string& text) {
  try {
    parse_edition(text, "rules.toml");
    return true;
  } catch (const system::Error&) {
    return false;
  }
}

TEST(EditionSchema, AcceptsEveryEdition) {
  for (const std::string& id : edition_ids())
    EXPECT_THAT(schema_errors(as_json(text_of(id + ".toml"))), testing::IsEmpty()) << id;
}

TEST(EditionSchema, EveryRuleFileIsCompiledIn) {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder))
    if (entry.path().extension() == ".toml") files.insert(entry.path().stem());
  const std::vector<std::string> ids = edition_ids();
  EXPECT_EQ(files, std::set<std::string>(ids.begin(), ids.end()));
}

struct Damage {
  const char *what, *old, *with;
};

// Each replaces the first occurrence in snu-2026.toml.
const Damage kDamages[] = {
    {"another schema", "reconproof.edition", "reconproof.check"},
    {"the version before", "schema_version = 4", "schema_version = 3"},
    {"unknown key", "title =", "titel ="},
    {"missing title", "title = \"SNU FastMRI Challenge 2026\"\n", ""},
    {"empty title", "\"SNU FastMRI Challenge 2026\"", "\"\""},
    {"id in capitals", "id = \"snu-2026\"", "id = \"SNU-2026\""},
    {"version 0", "\nversion = 1", "\nversion = 0"},
    {"version as text", "\nversion = 1", "\nversion = \"1\""},
    {"tiny images", "image_size = 384", "image_size = 5"},
    {"half a pixel", "image_size = 384", "image_size = 384.5"},
    {"unnumbered names", "{prefix}_test{number}.h5", "{prefix}_test.h5"},
    {"unknown placeholder", "{prefix}_test{number}.h5", "{organ}_test{number}.h5"},
    {"a path as a repository", "\"FastMRI_challenge\"", "\"../code\""},
    {"a path as a name", "{prefix}_test{number}.h5", "{prefix}/{number}.h5"},
    {"yes", "crop_zero_pads = true", "crop_zero_pads = \"yes\""},
    {"unknown metric", "mask-and-boxes", "psnr"},
    {"unknown order", "order = \"name\"", "order = \"size\""},
    {"printf format", "\".4f\"", "\"%.4f\""},
    {"no print", "\nprint = ", "\nprnt = "},
    {"a warning without seconds", "slow_volume_s = 60\n", ""},
    {"seconds as text", "slow_volume_s = 60", "slow_volume_s = \"60\""},
    {"speed of another metric", "mask-and-boxes", "masked-map"},
    {"negative bonus", "bonus = 0.001", "bonus = -0.001"},
    {"nameless bonus", "bonus = 0.001", "bonuss = 0.001"},
    {"speed without source", "\nsource = \"#407", "\norigin = \"#407"},
    {"certainty of one's own", "\"uncertain\"", "\"maybe\""},
    {"a folder above", "folder = \"acc4\"", "folder = \"..\""},
    {"a folder below", "folder = \"acc4\"", "folder = \"x/acc4\""},
    {"also as text", "folder = \"acc4\"", "folder = \"acc4\"\nalso = \"acc5\""},
    {"also of nothing", "folder = \"acc4\"", "folder = \"acc4\"\nalso = [\"\"]"},
    {"cell without folder", "folder = \"acc4\"\n", ""},
    {"no threshold", "mask_threshold = 2e-5\n", ""},
    {"threshold as text", "mask_threshold = 2e-5", "mask_threshold = \"2e-5\""},
    {"infinite threshold", "mask_threshold = 2e-5", "mask_threshold = inf"},
    {"negative count", "official_volumes = 29", "official_volumes = -1"},
    {"an anatomy's colour", "official_volumes = 29", "official_volumes = 29\ncolour = \"red\""},
    {"a needed rule is missing", "id = \"layout.shape\"", "id = \"layout.form\""},
    {"a rule's path", "id = \"run.completes\"", "id = \"run/completes\""},
    {"no Korean", "\ntext_ko = ", "\ntext_kr = "},
    {"empty Korean", "text_ko = \"리더보드의", "text_ko = \"\"\n# \""},
    {"no Korean remedy", "\nremediation_ko = ", "\nremediation_kr = "},
    {"no source", "\nsource = \"2026 README", "\norigin = \"2026 README"},
    {"unknown severity", "severity = \"error\"", "severity = \"fatal\""},
    {"limit without unit", "severity = \"error\"", "severity = \"error\"\nlimit = 3600.0"},
    {"unit without limit", "severity = \"error\"", "severity = \"error\"\nunit = \"s\""},
    {"negative limit", "severity = \"error\"", "severity = \"error\"\nlimit = -1\nunit = \"s\""},
    {"a higher limit of a sure rule", "severity = \"error\"",
     "severity = \"error\"\nlimit = 1\nlimit_high = 2\nunit = \"s\""},
    {"a higher limit alone", "limit = 7.45\n", ""},
    {"a reference of no GPU", "official_gpu = \"NVIDIA GeForce GTX 1080\"\n", ""},
    {"no time at all", "ms_per_slice = 87.7", "ms_per_slice = 0"},
    {"no coils", "coils = 15", "coils = 0"},
    {"a reference's colour", "coils = 15", "coils = 15\ncolour = \"red\""},
    {"limit as text", "severity = \"error\"", "severity = \"error\"\nlimit = \"1\"\nunit = \"s\""},
};

TEST(EditionSchema, RefusesWhatTheParserRefuses) {
  const std::string good = text_of("snu-2026.toml");
  for (const Damage& damage : kDamages) {
    std::string text = good;
    const size_t at = text.find(damage.old);
    ASSERT_NE(at, std::string::npos) << damage.what;
    text.replace(at, std::string_view(damage.old).size(), damage.with);
    EXPECT_FALSE(parser_accepts(text)) << "parser: " << damage.what;
    EXPECT_THAT(schema_errors(as_json(text)), testing::Not(testing::IsEmpty())) << damage.what;
  }
}

TEST(EditionSchema, NeedsNoThresholdWhereNothingIsMasked) {
  const std::string text = text_of("nyu-knee.toml");
  EXPECT_EQ(text.find("mask_threshold"), std::string::npos);
  EXPECT_TRUE(parser_accepts(text));
}

}  // namespace
}  // namespace reconproof::challenge
