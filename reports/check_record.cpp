// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/check_record.h"

#include <limits>

#include "formats/strict_json.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::reports {
namespace {

using nlohmann::json;
using system::Code;
using system::fail;

/// An object of check.json together with where it stands, so that messages name file and key. A key
/// that is absent or null is something that was not recorded.
class Object {
 public:
  Object(const json& value, std::string where) : value_(value), where_(std::move(where)) {
    if (!value_.is_object()) wrong("", value_, "an object");
  }

  std::string text(const char* key) const {
    const json* found = find(key);
    if (!found) wrong(key, json(), "text");
    return text_or_empty(key);
  }
  std::string text_or_empty(const char* key) const {
    const json* found = find(key);
    if (!found) return "";
    if (!found->is_string()) wrong(key, *found, "text");
    return found->get<std::string>();
  }
  double number(const char* key) const {
    const std::optional<double> value = optional_number(key);
    if (!value) wrong(key, json(), "a number");
    return *value;
  }
  std::optional<double> optional_number(const char* key) const {
    const json* found = find(key);
    if (!found) return std::nullopt;
    if (!found->is_number()) wrong(key, *found, "a number");
    return found->get<double>();
  }
  std::optional<bool> optional_boolean(const char* key) const {
    const json* found = find(key);
    if (!found) return std::nullopt;
    if (!found->is_boolean()) wrong(key, *found, "true or false");
    return found->get<bool>();
  }
  std::optional<Object> object(const char* key) const {
    const json* found = find(key);
    if (!found) return std::nullopt;
    return Object(*found, where_ + key + ".");
  }
  /// The elements of a list; none when the key is absent.
  const json& list(const char* key) const {
    static const json kNone = json::array();
    const json* found = find(key);
    if (!found) return kNone;
    if (!found->is_array()) wrong(key, *found, "a list");
    return *found;
  }
  std::vector<Object> objects(const char* key) const {
    std::vector<Object> result;
    for (const json& element : list(key)) {
      result.emplace_back(element, fmt::format("{}{}[{}].", where_, key, result.size()));
    }
    return result;
  }
  const json& value() const { return value_; }
  const std::string& where() const { return where_; }

 private:
  const json* find(const char* key) const {
    const auto found = value_.find(key);
    return found == value_.end() || found->is_null() ? nullptr : &*found;
  }
  [[noreturn]] void wrong(const char* key, const json& found, const char* expected) const {
    fail(Code::kCorrupt, "{}{}: found {}, expected {}; run `reconproof check` again", where_, key,
         found.is_null() ? "nothing" : found.type_name(), expected);
  }

  const json& value_;
  std::string where_;
};

/// Names out of the file become parts of paths: one component, never "..".
std::string file_name(const Object& object, const char* key) {
  const std::string name = object.text(key);
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos ||
      name.find('\0') != std::string::npos) {
    fail(Code::kCorrupt, "{}{}: '{}' is not a plain file name", object.where(), key, name);
  }
  return name;
}

challenge::ScoreResult parse_score(const Object& object) {
  challenge::ScoreResult score;
  score.edition = object.text("edition");
  score.ruleset = object.text("ruleset");
  score.official_set = object.optional_boolean("official_set").value_or(false);
  score.complete = object.optional_boolean("complete").value_or(false);
  for (const Object& item : object.objects("items")) {
    const bool infinite = item.text("printed") == "inf";  // JSON has no infinity
    score.items.push_back(
        {item.text("name"),
         infinite ? std::numeric_limits<double>::infinity() : item.number("value"),
         item.text("printed"), item.text_or_empty("printed_numpy2"),
         item.optional_number("spread")});
  }
  for (const Object& volume : object.objects("volumes")) {
    challenge::VolumeScore scored;
    // A single cell may go without a name.
    if (!volume.text("cell").empty()) scored.cell = file_name(volume, "cell");
    scored.volume = file_name(volume, "volume");
    for (const json& slice : volume.list("slices")) {
      // Null: a slice that does not count.
      if (!slice.is_number() && !slice.is_null()) {
        fail(Code::kCorrupt, "{}slices: found {}, expected numbers", volume.where(),
             slice.type_name());
      }
      scored.slices.push_back(slice.is_null() ? std::nullopt : std::optional(slice.get<double>()));
    }
    if (!scored.slices.empty()) score.volumes.push_back(std::move(scored));
  }
  return score;
}

/// A graphics card is written as its name, or as an object that has one.
std::vector<std::string> parse_gpus(const Object& environment) {
  std::vector<std::string> names;
  for (const json& gpu : environment.list("gpus")) {
    if (gpu.is_string())
      names.push_back(gpu.get<std::string>());
    else
      names.push_back(Object(gpu, environment.where() + "gpus.").text("name"));
  }
  return names;
}

Environment parse_environment(const Object& object) {
  Environment environment;
  environment.os = object.text_or_empty("os");
  environment.kernel = object.text_or_empty("kernel");
  environment.cpu = object.text_or_empty("cpu");
  environment.threads = object.optional_number("threads");
  environment.memory_bytes = object.optional_number("memory_bytes");
  environment.gpus = parse_gpus(object);
  if (const auto sandbox = object.object("sandbox")) {
    environment.sandbox_state = sandbox->text_or_empty("state");
    environment.sandbox_reason = sandbox->text_or_empty("reason");
  }
  return environment;
}

RunRecord parse_run(const Object& object) {
  return {object.optional_boolean("isolated"),      object.optional_boolean("timed_out"),
          object.text_or_empty("refused_reason"),   object.optional_number("wall_s"),
          object.optional_number("peak_rss_bytes"), object.optional_number("exit_code"),
          object.optional_number("signal")};
}

std::vector<std::pair<std::string, std::string>> parse_build(const Object& object) {
  std::vector<std::pair<std::string, std::string>> build;
  for (const auto& [key, value] : object.value().items()) {
    if (value.is_null() || value.is_structured()) continue;
    build.emplace_back(key, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return build;
}

std::vector<std::string> parse_command(const Object& commands) {
  std::vector<std::string> words;
  for (const json& word : commands.list("reconstruct")) {
    if (!word.is_string()) {
      fail(Code::kCorrupt, "{}reconstruct: found {}, expected text", commands.where(),
           word.type_name());
    }
    words.push_back(word.get<std::string>());
  }
  return words;
}

CheckRecord parse(const Object& root) {
  if (root.text_or_empty("schema") != "reconproof.check" || root.number("schema_version") != 1) {
    fail(Code::kCorrupt,
         "{}schema: expected \"reconproof.check\", version 1; run `reconproof check` again",
         root.where());
  }
  CheckRecord record;
  record.edition = root.text("edition");
  record.ruleset = root.text("ruleset");
  record.exit_code = static_cast<int>(root.number("exit_code"));
  if (const auto environment = root.object("environment"))
    record.environment = parse_environment(*environment);
  if (const auto build = root.object("build")) record.build = parse_build(*build);
  if (const auto commands = root.object("commands"))
    record.reconstruct_command = parse_command(*commands);
  if (const auto run = root.object("run")) record.run = parse_run(*run);
  if (const auto score = root.object("score")) record.score = parse_score(*score);
  if (const auto score = root.object("zero_filled")) record.zero_filled = parse_score(*score);
  if (const auto weights = root.object("weights")) {
    record.weights = WeightsRecord{weights->text("path"), weights->text_or_empty("sha256"),
                                   weights->optional_number("bytes")};
  }
  for (const json& finding : root.list("findings")) {
    record.findings.push_back(challenge::finding_from_json(finding));
  }
  return record;
}

}  // namespace

CheckRecord read_check(const std::filesystem::path& path) {
  std::string text;
  try {
    text = system::read_file(path);
  } catch (const system::Error& error) {
    if (error.code() != Code::kNotFound) throw;
    fail(Code::kNotFound, "{}; run `reconproof check` first", error.what());
  }
  try {
    const json document = formats::parse_strict_json(text, path.string());
    return parse(Object(document, path.string() + ": "));
  } catch (const json::exception& error) {
    fail(Code::kCorrupt, "{}: not JSON: {}; run `reconproof check` again", path.string(),
         error.what());
  } catch (const system::Error& error) {
    // finding_from_json does not know which file it reads.
    if (std::string_view(error.what()).starts_with(path.string())) throw;
    fail(error.code(), "{}: {}", path.string(), error.what());
  }
}

}  // namespace reconproof::reports
