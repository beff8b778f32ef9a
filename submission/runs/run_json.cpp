// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/runs/run_json.h"

#include <algorithm>
#include <cmath>

#include "formats/strict_json.h"
#include "system/base64.h"
#include "system/date.h"
#include "system/error.h"
#include "system/sha256.h"

namespace reconproof::submission {

using nlohmann::json;
using system::Code;

namespace {

constexpr const char* kRunSchema = "reconproof.run";
constexpr int64_t kRunVersion = 1;
constexpr size_t kMaxLine = size_t{128} << 20;
constexpr size_t kMaxText = size_t{64} << 10;

template <typename Value>
json or_null(const std::optional<Value>& value) {
  return value ? json(*value) : json(nullptr);
}

json moment_json(const std::optional<int64_t>& us) {
  return us ? json(system::utc_text(*us)) : json(nullptr);
}

json point_json(const CurvePoint& point) {
  return {point.epoch_end ? "epoch" : "step",
          point.epoch,
          point.epochs,
          point.iteration,
          point.iterations,
          or_null(point.loss),
          or_null(point.val_loss),
          or_null(point.time_s),
          or_null(point.val_time_s),
          point.not_finite,
          point.at_s};
}

/// Takes an object apart; what is missing, of another type or left over is a fault of the file.
class Fields {
 public:
  Fields(const json& object, std::string where) : object_(object), where_(std::move(where)) {
    if (!object.is_object()) refuse("expected an object");
  }

  [[noreturn]] void refuse(const std::string& what) const {
    system::fail(Code::kCorrupt, "{}: {}", where_, what);
  }
  const json& at(const char* key) {
    const auto found = object_.find(key);
    if (found == object_.end()) refuse(fmt::format("lacks \"{}\"", key));
    ++taken_;
    return *found;
  }
  std::string text(const char* key, size_t most = kMaxText) {
    const json& value = at(key);
    if (!value.is_string()) refuse(fmt::format("\"{}\": expected a text", key));
    const std::string& text = value.get_ref<const std::string&>();
    if (text.size() > most)
      refuse(fmt::format("\"{}\": {} bytes, expected at most {}", key, text.size(), most));
    return text;
  }
  int64_t count(const char* key) { return count_of(at(key), key); }
  std::optional<int64_t> optional_count(const char* key) {
    const json& value = at(key);
    return value.is_null() ? std::nullopt : std::optional(count_of(value, key));
  }
  std::optional<double> optional_number(const char* key) { return number_of(at(key), key); }
  std::optional<bool> optional_bool(const char* key) {
    const json& value = at(key);
    if (value.is_null()) return std::nullopt;
    if (!value.is_boolean()) refuse(fmt::format("\"{}\": expected true, false or null", key));
    return value.get<bool>();
  }
  std::optional<int64_t> optional_moment(const char* key) {
    if (at(key).is_null()) return std::nullopt;
    --taken_;
    return moment(key);
  }
  int64_t moment(const char* key) {
    const std::string written = text(key, 40);
    const auto us = system::parse_moment(written);
    if (!us || system::utc_text(*us) != written)
      refuse(fmt::format("\"{}\": expected a moment such as 2026-08-20T09:00:00.000000Z", key));
    return *us;
  }
  const json& list(const char* key, size_t most) {
    const json& value = at(key);
    if (!value.is_array() || value.size() > most)
      refuse(fmt::format("\"{}\": expected a list of at most {}", key, most));
    return value;
  }
  std::vector<std::string> texts(const char* key, size_t most) {
    std::vector<std::string> texts;
    for (const json& value : list(key, most)) {
      if (!value.is_string()) refuse(fmt::format("\"{}\": expected texts", key));
      texts.push_back(value.get<std::string>());
    }
    return texts;
  }
  void expect_no_more() const {
    if (object_.size() == taken_) return;
    refuse(fmt::format("has {} fields, expected {}", object_.size(), taken_));
  }
  int64_t count_of(const json& value, const char* key) const {
    if (!value.is_number_integer() || value.get<int64_t>() < 0 ||
        (value.is_number_unsigned() && value.get<uint64_t>() > uint64_t{1} << 60))
      refuse(fmt::format("\"{}\": expected a count", key));
    return value.get<int64_t>();
  }
  std::optional<double> number_of(const json& value, const char* key) const {
    if (value.is_null()) return std::nullopt;
    if (!value.is_number()) refuse(fmt::format("\"{}\": expected a number", key));
    return value.get<double>();
  }
  const std::string& where() const { return where_; }

 private:
  const json& object_;
  std::string where_;
  size_t taken_ = 0;
};

CurvePoint parse_point(const json& value, const Fields& fields) {
  constexpr const char* kKey = "points";
  if (!value.is_array() || value.size() != 11 || (value[0] != "epoch" && value[0] != "step") ||
      !value[9].is_boolean())
    fields.refuse("\"points\": expected lists of 11, with \"step\" or \"epoch\" first");
  CurvePoint point;
  point.epoch_end = value[0] == "epoch";
  point.epoch = fields.count_of(value[1], kKey);
  point.epochs = fields.count_of(value[2], kKey);
  point.iteration = fields.count_of(value[3], kKey);
  point.iterations = fields.count_of(value[4], kKey);
  point.loss = fields.number_of(value[5], kKey);
  point.val_loss = fields.number_of(value[6], kKey);
  point.time_s = fields.number_of(value[7], kKey);
  point.val_time_s = fields.number_of(value[8], kKey);
  point.not_finite = value[9].get<bool>();
  point.at_s = fields.number_of(value[10], kKey).value_or(0);
  if (!(point.at_s >= 0 && point.at_s <= kMaxRunSeconds))
    fields.refuse("\"points\": a time of more than 10^9 seconds, or below 0");
  return point;
}

json note_json(const RunNote& note) {
  return {{"id", note.id},
          {"kind", note.kind},
          {"text", note.text},
          {"author", note.author},
          {"written", system::utc_text(note.written_us)}};
}

RunNote parse_note(const json& value, const std::string& where) {
  Fields fields(value, where + ": \"notes\"");
  RunNote note{fields.text("id"), fields.text("kind"), fields.text("text"), fields.text("author"),
               fields.moment("written")};
  if (!is_random_id(note.id)) fields.refuse("\"id\": expected 32 hexadecimal digits");
  if (note.kind != "note" && note.kind != "lesson" && note.kind != "tag")
    fields.refuse("\"kind\": expected note, lesson or tag");
  fields.expect_no_more();
  return note;
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 40 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

void parse_lists(Fields& fields, Run& run) {
  constexpr size_t kMaxNotes = 10000;
  for (const json& value : fields.list("points", kMaxPoints))
    run.points.push_back(parse_point(value, fields));
  for (const json& value : fields.list("notes", kMaxNotes))
    run.notes.push_back(parse_note(value, fields.where()));
  std::ranges::sort(run.notes, {},
                    [](const RunNote& note) { return std::pair(note.written_us, note.id); });
}

void read_diff(const json& value, Run& run, const std::string& where) {
  if (value.is_null()) return;
  Fields fields(value, where + ": \"diff\"");
  run.diff_bytes = fields.count("bytes");
  const auto bytes = system::base64_decode(fields.text("zlib_base64", kMaxLine));
  if (!bytes) fields.refuse("\"zlib_base64\": is no base64");
  run.diff_zlib = *bytes;
  inflate_text(run.diff_zlib, run.diff_bytes, fields.where());
  fields.expect_no_more();
}

}  // namespace

json details_json(const Run& run) {
  json seeds = json::array(), score = json::array();
  for (const FoundSeed& seed : run.seeds)
    seeds.push_back({{"place", seed.place}, {"value", seed.value}});
  for (const ScoreItem& item : run.score)
    score.push_back(
        {{"name", item.name}, {"printed", item.printed}, {"value", or_null(item.value)}});
  return {{"directory", run.directory},
          {"message", run.message},
          {"person", run.person},
          {"host", run.host},
          {"revision", run.revision},
          {"dirty", or_null(run.dirty)},
          {"code_state", run.code_state},
          {"diff_bytes", run.diff_bytes},
          {"environment", run.environment},
          {"data_manifest_sha256", run.data_manifest_sha256},
          {"seeds", seeds},
          {"deadline", moment_json(run.deadline_us)},
          {"score", score},
          {"warnings", run.warnings},
          {"imported_from", run.imported_from}};
}

void read_details(const json& details, Run& run, const std::string& name) {
  constexpr size_t kMaxItems = 1000;
  Fields fields(details, name);
  run.directory = fields.text("directory");
  run.message = fields.text("message");
  run.person = fields.text("person");
  run.host = fields.text("host");
  run.revision = fields.text("revision");
  run.dirty = fields.optional_bool("dirty");
  run.code_state = fields.text("code_state");
  run.diff_bytes = fields.count("diff_bytes");
  run.environment = fields.at("environment");
  if (!run.environment.is_object()) fields.refuse("\"environment\": expected an object");
  run.data_manifest_sha256 = fields.text("data_manifest_sha256");
  if (!run.data_manifest_sha256.empty() && !system::is_sha256(run.data_manifest_sha256))
    fields.refuse("\"data_manifest_sha256\": expected 64 hexadecimal digits, or nothing");
  for (const json& value : fields.list("seeds", kMaxItems)) {
    Fields seed(value, name + ": \"seeds\"");
    run.seeds.push_back({seed.text("place"), seed.text("value")});
    seed.expect_no_more();
  }
  run.deadline_us = fields.optional_moment("deadline");
  for (const json& value : fields.list("score", kMaxItems)) {
    Fields item(value, name + ": \"score\"");
    run.score.push_back({item.text("name"), item.text("printed"), item.optional_number("value")});
    item.expect_no_more();
  }
  run.warnings = fields.texts("warnings", kMaxItems);
  run.imported_from = fields.text("imported_from");
  fields.expect_no_more();
}

json run_json(const Run& run) {
  json result = {{"schema", kRunSchema},
                 {"schema_version", kRunVersion},
                 {"id", run.id},
                 {"kind", run.kind},
                 {"command", run.command},
                 {"begun", system::utc_text(run.begun_us)},
                 {"ended", moment_json(run.ended_us)},
                 {"outcome", outcome_text(run.outcome)},
                 {"exit_code", or_null(run.exit_code)},
                 {"signal", or_null(run.signal)},
                 {"wall_s", or_null(run.wall_s)},
                 {"peak_memory_bytes", or_null(run.peak_memory_bytes)},
                 {"peak_gpu_memory_bytes", or_null(run.peak_gpu_memory_bytes)},
                 {"best_val_loss", or_null(run.best_val_loss)},
                 {"epochs_done", run.epochs_done},
                 {"epochs", run.epochs},
                 {"log_bytes", run.log_bytes},
                 {"updated", system::utc_text(run.updated_us)},
                 {"details", details_json(run)},
                 {"diff", nullptr},
                 {"points", json::array()},
                 {"notes", json::array()}};
  if (!run.diff_zlib.empty())
    result["diff"] = {{"bytes", run.diff_bytes},
                      {"zlib_base64", system::base64_encode(run.diff_zlib)}};
  for (const CurvePoint& point : run.points) result["points"].push_back(point_json(point));
  for (const RunNote& note : run.notes) result["notes"].push_back(note_json(note));
  return result;
}

std::string run_line(const Run& run) {
  return run_json(run).dump(-1, ' ', false, json::error_handler_t::replace);
}

Run parse_run_line(std::string_view line, const std::string& name) {
  const json value = formats::parse_schema_json(line, name, kRunSchema, kRunVersion);
  Fields fields(value, name);
  fields.at("schema"), fields.at("schema_version");
  Run run;
  run.id = fields.text("id");
  if (!is_random_id(run.id)) fields.refuse("\"id\": expected 32 hexadecimal digits");
  run.kind = fields.text("kind");
  if (!is_word(run.kind)) fields.refuse("\"kind\": expected a word of small letters");
  run.command = fields.texts("command", 100000);
  run.begun_us = fields.moment("begun");
  run.ended_us = fields.optional_moment("ended");
  const auto outcome = outcome_from_text(fields.text("outcome"));
  if (!outcome)
    fields.refuse("\"outcome\": expected running, succeeded, failed, killed or abandoned");
  run.outcome = *outcome;
  run.exit_code = fields.optional_count("exit_code");
  run.signal = fields.optional_count("signal");
  run.wall_s = fields.optional_number("wall_s");
  run.peak_memory_bytes = fields.optional_count("peak_memory_bytes");
  run.peak_gpu_memory_bytes = fields.optional_count("peak_gpu_memory_bytes");
  run.best_val_loss = fields.optional_number("best_val_loss");
  run.epochs_done = fields.count("epochs_done");
  run.epochs = fields.count("epochs");
  run.log_bytes = fields.count("log_bytes");
  run.updated_us = fields.moment("updated");
  read_details(fields.at("details"), run, name + ": \"details\"");
  read_diff(fields.at("diff"), run, name);
  parse_lists(fields, run);
  fields.expect_no_more();
  return run;
}

std::vector<Run> parse_run_lines(std::string_view text, const std::string& name) {
  std::vector<Run> runs;
  for (int64_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    const std::string where = fmt::format("{}:{}", name, number);
    if (line.starts_with("<<<<<<<") || line.starts_with("=======") || line.starts_with(">>>>>>>")) {
      system::fail(Code::kCorrupt,
                   "{}: a conflict of git; take both sides' lines, `runs merge` unites them",
                   where);
    }
    runs.push_back(parse_run_line(line, where));
  }
  return runs;
}

}  // namespace reconproof::submission
