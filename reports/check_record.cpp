// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/check_record.h"

#include <algorithm>
#include <limits>

#include "formats/strict_json.h"
#include "reports/json_record.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::reports {
namespace {

using nlohmann::json;
using system::Code;
using system::fail;

constexpr const char* kCheckAgain = "run `reconproof check` again";
constexpr const char* kPackAgain = "`reconproof pack` writes no such bundle";

/// Names out of the file become parts of paths: one component, never "..".
std::string file_name(const JsonRecord& object, const char* key) {
  const std::string name = object.text(key);
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos ||
      name.find('\0') != std::string::npos) {
    fail(Code::kCorrupt, "{}{}: '{}' is not a plain file name", object.where(), key, name);
  }
  return name;
}

challenge::ScoreResult parse_score(const JsonRecord& object) {
  challenge::ScoreResult score;
  score.edition = object.text("edition");
  score.ruleset = object.text("ruleset");
  score.official_set = object.optional_boolean("official_set").value_or(false);
  score.complete = object.optional_boolean("complete").value_or(false);
  for (const JsonRecord& item : object.objects("items")) {
    const bool infinite = item.text("printed") == "inf";  // JSON has no infinity
    score.items.push_back(
        {item.text("name"),
         infinite ? std::numeric_limits<double>::infinity() : item.number("value"),
         item.text("printed"), item.text_or_empty("printed_numpy2"),
         item.optional_number("spread")});
  }
  for (const JsonRecord& volume : object.objects("volumes")) {
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
    for (const JsonRecord& box : volume.objects("boxes")) {
      const double slice = box.number("slice"), slices = static_cast<double>(scored.slices.size());
      if (!(slice >= 0 && slice < slices)) {
        fail(Code::kCorrupt, "{}slice: found {}, expected 0 to {}", box.where(), slice, slices - 1);
      }
      scored.boxes.push_back(
          {static_cast<int64_t>(slice), std::ssize(scored.boxes), box.optional_number("value")});
    }
    if (!scored.slices.empty()) score.volumes.push_back(std::move(scored));
  }
  return score;
}

/// A graphics card is written as its name, or as an object that has one.
std::vector<std::string> parse_gpus(const JsonRecord& environment) {
  std::vector<std::string> names;
  for (const json& gpu : environment.list("gpus")) {
    const json name = gpu.is_object() ? gpu.value("name", json()) : gpu;
    if (!name.is_string()) environment.wrong("gpus", name, "a name");
    names.push_back(name.get<std::string>());
  }
  return names;
}

std::vector<std::pair<std::string, std::string>> parse_packages(const JsonRecord& environment) {
  std::vector<std::pair<std::string, std::string>> packages;
  if (const auto told = environment.object("packages")) {
    for (const auto& [name, version] : told->value().items())
      packages.emplace_back(name, version.is_string() ? version.get<std::string>() : "");
  }
  return packages;
}

Environment parse_environment(const JsonRecord& object) {
  Environment environment;
  environment.os = object.text_or_empty("os");
  environment.kernel = object.text_or_empty("kernel");
  environment.cpu = object.text_or_empty("cpu");
  environment.threads = object.optional_number("threads");
  environment.memory_bytes = object.optional_number("memory_bytes");
  environment.gpus = parse_gpus(object);
  environment.gpu_driver = object.text_or_empty("gpu_driver");
  environment.container = object.text_or_empty("container");
  environment.python = object.text_or_empty("python");
  environment.packages = parse_packages(object);
  if (const auto sandbox = object.object("sandbox")) {
    environment.sandbox_state = sandbox->text_or_empty("state");
    environment.sandbox_reason = sandbox->text_or_empty("reason");
  }
  return environment;
}

GpuRecord parse_gpu(const JsonRecord& object) {
  GpuRecord gpu;
  gpu.measured = object.optional_boolean("measured").value_or(false);
  gpu.reason = object.text_or_empty("reason");
  gpu.device = object.text_or_empty("device");
  gpu.unenforced_reason = object.text_or_empty("unenforced_reason");
  // 0: the driver hides which process holds what.
  gpu.peak_bytes = object.optional_number("peak_tree_bytes");
  if (gpu.peak_bytes.value_or(0) <= 0)
    gpu.peak_bytes = object.optional_number("peak_device_delta_bytes");
  gpu.device_bytes = object.optional_number("total_bytes");
  gpu.enforced_bytes = object.optional_number("enforced_limit_bytes");
  gpu.reserved_bytes = object.optional_number("child_peak_reserved_bytes");
  return gpu;
}

RunRecord parse_run(const JsonRecord& object) {
  RunRecord run;
  run.isolated = object.optional_boolean("isolated");
  run.timed_out = object.optional_boolean("timed_out");
  run.refused_reason = object.text_or_empty("refused_reason");
  run.wall_s = object.optional_number("wall_s");
  run.peak_rss_bytes = object.optional_number("peak_rss_bytes");
  run.exit_code = object.optional_number("exit_code");
  run.signal = object.optional_number("signal");
  run.cpu_s = object.optional_number("cpu_s");
  run.limits_by = object.text_or_empty("limits_by");
  run.stopped = object.text_or_empty("stopped");
  if (const auto gpu = object.object("gpu")) run.gpu = parse_gpu(*gpu);
  return run;
}

SliceTimes parse_slice_times(const JsonRecord& side) {
  const auto statistics = side.object("statistics");
  if (!statistics) return {};
  return {static_cast<int64_t>(statistics->number("slices")), statistics->number("mean_ms"),
          statistics->number("median_ms"), statistics->number("p95_ms")};
}

VolumeTime parse_volume_time(const JsonRecord& object) {
  VolumeTime volume{object.text_or_empty("cell"),
                    object.text("name"),
                    0,
                    0,
                    0,
                    object.optional_number("prep_s").value_or(0)};
  double sum_s = 0;
  for (const json& slice : object.list("slice_s")) {
    if (!slice.is_number()) object.wrong("slice_s", slice, "numbers");
    sum_s += slice.get<double>();
    volume.slowest_ms = std::max(volume.slowest_ms, 1000 * slice.get<double>());
    ++volume.slices;
  }
  if (volume.slices > 0) volume.mean_ms = 1000 * sum_s / static_cast<double>(volume.slices);
  return volume;
}

SliceRecord parse_slices(const JsonRecord& object) {
  SliceRecord slices;
  if (const auto official = object.object("official")) {
    slices.official = parse_slice_times(*official);
    for (const JsonRecord& volume : official->objects("volumes"))
      slices.volumes.push_back(parse_volume_time(volume));
  }
  if (const auto hardened = object.object("hardened"))
    slices.hardened = parse_slice_times(*hardened);
  slices.spread_percent = object.optional_number("spread_percent");
  return slices;
}

TrainingRecord::Comparison parse_comparison(const JsonRecord& object) {
  TrainingRecord::Comparison comparison;
  comparison.equal = object.optional_boolean("equal").value_or(false);
  comparison.steps = static_cast<int64_t>(object.number("steps"));
  comparison.digits = object.optional_number("digits");
  if (const auto first = object.object("first")) {
    comparison.quantity = first->text("quantity");
    comparison.iteration = first->optional_number("iteration");
    comparison.a = first->text("a");
    comparison.b = first->text("b");
    comparison.relative = first->optional_number("relative");
  }
  return comparison;
}

TrainingRecord parse_training(const JsonRecord& object) {
  TrainingRecord training;
  training.name = object.text_or_empty("name");
  training.updates = static_cast<int64_t>(object.optional_number("updates").value_or(0));
  if (const auto comparison = object.object("comparison"))
    training.comparison = parse_comparison(*comparison);
  const auto first = object.object("first");
  const std::vector<JsonRecord> processes =
      first ? first->objects("processes") : std::vector<JsonRecord>();
  if (processes.empty()) return training;
  training.device = processes[0].text_or_empty("device");
  training.torch = processes[0].text_or_empty("torch");
  for (const json& seed : processes[0].list("seeds")) {
    const bool is_pair = seed.is_array() && seed.size() == 2 && seed[0].is_string();
    if (!is_pair) processes[0].wrong("seeds", seed, "pairs of a name and a seed");
    training.seeds.emplace_back(seed[0],
                                seed[1].is_string() ? seed[1].get<std::string>() : seed[1].dump());
  }
  return training;
}

PredictionRecord parse_prediction(const JsonRecord& object) {
  return {object.number("value"),         object.number("low"),
          object.number("high"),          object.text("unit"),
          object.text_or_empty("device"), object.text_or_empty("certainty")};
}

std::vector<std::pair<std::string, std::string>> parse_build(const JsonRecord& object) {
  std::vector<std::pair<std::string, std::string>> build;
  for (const auto& [key, value] : object.value().items()) {
    if (value.is_null() || value.is_structured()) continue;
    build.emplace_back(key, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return build;
}

/// What stands in check.json and, of a bundle, in meta/measured.json.
void take_measured(const JsonRecord& root, CheckRecord& record) {
  record.only = root.texts("only");
  record.skip = root.texts("skip");
  if (const auto run = root.object("run")) record.run = parse_run(*run);
  if (const auto score = root.object("zero_filled")) record.zero_filled = parse_score(*score);
  if (const auto slices = root.object("slices")) record.slices = parse_slices(*slices);
  for (const JsonRecord& training : root.objects("trainings"))
    record.trainings.push_back(parse_training(training));
  if (const auto prediction = root.object("prediction"))
    record.prediction = parse_prediction(*prediction);
}

CheckRecord parse(const JsonRecord& root) {
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
    record.reconstruct_command = commands->texts("reconstruct");
  if (const auto score = root.object("score")) record.score = parse_score(*score);
  if (const auto weights = root.object("weights")) {
    record.weights = WeightsRecord{weights->text("path"), weights->text_or_empty("sha256"),
                                   weights->optional_number("bytes")};
  }
  for (const json& finding : root.list("findings")) {
    record.findings.push_back(challenge::finding_from_json(finding));
  }
  take_measured(root, record);
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
    return parse(JsonRecord(document, path.string() + ": ", kCheckAgain));
  } catch (const json::exception& error) {
    fail(Code::kCorrupt, "{}: not JSON: {}; run `reconproof check` again", path.string(),
         error.what());
  } catch (const system::Error& error) {
    // finding_from_json does not know which file it reads.
    if (std::string_view(error.what()).starts_with(path.string())) throw;
    fail(error.code(), "{}: {}", path.string(), error.what());
  }
}

CheckRecord check_of_bundle(const json& submission, const json& environment, const json& claims,
                            const json& findings, const json& measured, const std::string& name) {
  const JsonRecord said(submission, name + ": meta/submission.json: ", kPackAgain);
  const JsonRecord machine(environment, name + ": meta/environment.json: ", kPackAgain);
  const JsonRecord scores(claims, name + ": meta/claims.json: ", kPackAgain);
  const JsonRecord judged(findings, name + ": meta/findings.json: ", kPackAgain);
  CheckRecord record;
  record.edition = said.text("edition");
  record.ruleset = judged.text_or_empty("ruleset");
  if (const auto part = machine.object("environment"))
    record.environment = parse_environment(*part);
  if (const auto build = machine.object("build")) record.build = parse_build(*build);
  if (const auto steps = said.object("steps")) {
    if (const auto step = steps->object("reconstruct"))
      record.reconstruct_command = step->texts("command");
  }
  if (const auto score = scores.object("score")) record.score = parse_score(*score);
  for (const json& finding : judged.list("findings"))
    record.findings.push_back(challenge::finding_from_json(finding));
  if (!measured.is_null())
    take_measured(JsonRecord(measured, name + ": meta/measured.json: ", kPackAgain), record);
  record.exit_code = static_cast<int>(challenge::exit_code_of(record.findings));
  return record;
}

}  // namespace reconproof::reports
