// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/ledger_replay.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "formats/safetensors.h"
#include "formats/strict_json.h"
#include "system/environment.h"
#include "system/error.h"
#include "system/files.h"
#include "system/nvml.h"
#include "system/process.h"
#include "system/terminal.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using formats::LedgerEntry;
using nlohmann::json;
using system::Code;
using system::fail;

namespace {

/// Rounding that is not the same: what it makes of a loss within one interval. Beyond it is another
/// training.
constexpr double kRounding = 1e-3;

/// A value that a ledger of the baseline has.
template <typename T>
T value_of(const json& object, const char* key, const fs::path& ledger) {
  try {
    return object.at(key).get<T>();
  } catch (const json::exception&) {
    fail(Code::kInvalidArgument,
         "{}: tells no '{}', which a replay needs: only ledgers of `reconproof train` can be "
         "replayed",
         ledger.string(), key);
  }
}

/// Where a replay begins: lines of the ledger that lie before it, and steps.
struct Beginning {
  int64_t lines = 1, bytes = 0, iteration = 0;
};

/// What a saved state says of the ledger when it was saved.
Beginning beginning_of(const fs::path& state) {
  const formats::SafetensorsReader file(state);
  const json progress = formats::parse_strict_json(file.require_metadata("progress"),
                                                   state.string() + ": metadata 'progress'");
  return {value_of<int64_t>(progress, "ledger_lines", state),
          value_of<int64_t>(progress, "ledger_bytes", state),
          value_of<int64_t>(progress, "iteration", state)};
}

/// Settings as they were at a line of the ledger: those of the start, and what resumptions changed.
json settings_at(const formats::Ledger& ledger, int64_t lines) {
  json config = ledger.entries.front().extra.value("config", json());
  for (const LedgerEntry& entry : ledger.entries) {
    const json changed = entry.extra.value("changed", json());
    if (entry.seq >= lines || entry.kind != formats::kLedgerResume || !changed.is_object())
      continue;
    for (const auto& [key, value] : changed.items())
      if (value.is_object()) config[key] = value.value("to", json());
  }
  return config;
}

/// Steps at the first recorded weights behind the beginning, and at or behind `until`. A resumption
/// that changed settings is not gone beyond.
int64_t end_of(const formats::Ledger& ledger, const Beginning& from, int64_t until,
               const fs::path& path) {
  for (const LedgerEntry& entry : ledger.entries) {
    if (entry.seq < from.lines) continue;
    const json changed = entry.extra.value("changed", json());
    if (entry.kind == formats::kLedgerResume && changed.is_object() && !changed.empty()) break;
    const bool recorded = entry.weights_sha256 && entry.kind != formats::kLedgerStop;
    if (recorded && entry.iteration > from.iteration && entry.iteration >= until)
      return entry.iteration;
  }
  fail(Code::kInvalidArgument,
       "{}: records no weights {} steps behind iteration {} under the same settings: there is "
       "nothing that a replay could reach",
       path.string(), std::max<int64_t>(1, until - from.iteration), from.iteration);
}

std::string seed_text(const json& start, const fs::path& ledger) {
  return std::to_string(value_of<int64_t>(start, "seed", ledger));
}

/// The options of `reconproof train` that give these settings.
std::vector<std::string> train_arguments(const json& start, const json& config,
                                         const std::string& backend, const ReplayOptions& options) {
  const fs::path& path = options.ledger;
  const auto number = [&](const char* key) { return value_of<json>(config, key, path).dump(); };
  const std::string model = value_of<std::string>(config, "model", path);
  std::vector<std::string> arguments = {"train", "--model", model, "--seed",
                                        seed_text(start, path)};
  const auto add = [&](const std::string& option, const std::string& value) {
    arguments.push_back(option);
    arguments.push_back(value);
  };
  if (model == "varnet") {
    for (const auto& [option, key] : {std::pair{"--cascades", "cascades"},
                                      {"--chans", "chans"},
                                      {"--sens-chans", "sens_chans"},
                                      {"--pools", "pools"}})
      add(option, number(key));
  }
  const json schedule = value_of<json>(config, "lr_schedule", path);
  const json augment = value_of<json>(config, "augment", path);
  add("--edition", value_of<std::string>(start, "edition", path));
  add("--threads", std::to_string(value_of<int64_t>(start, "threads", path)));
  add("--backend", backend);
  add("--epochs", number("epochs"));
  add("--batch-size", number("batch_size"));
  add("--lr", number("learning_rate"));
  add("--lr-schedule", value_of<std::string>(schedule, "kind", path));
  add("--lr-gamma", value_of<json>(schedule, "gamma", path).dump());
  add("--lr-step-epochs", value_of<json>(schedule, "step_epochs", path).dump());
  add("--lr-warmup", value_of<json>(schedule, "warmup_steps", path).dump());
  if (model == "varnet") add("--precision", value_of<std::string>(config, "precision", path));
  if (value_of<bool>(config, "gradient_checkpointing", path))
    arguments.push_back("--gradient-checkpointing");
  if (value_of<bool>(augment, "flips", path)) arguments.push_back("--flips");
  if (value_of<bool>(augment, "turns", path)) arguments.push_back("--turns");
  const auto remask = value_of<std::vector<int64_t>>(augment, "accelerations", path);
  if (!remask.empty()) add("--remask", fmt::format("{}", fmt::join(remask, ",")));
  arguments.push_back("--data-train");
  for (const fs::path& folder : options.data_train) arguments.push_back(folder.string());
  if (!options.data_val.empty()) add("--data-val", options.data_val.string());
  return arguments;
}

/// Makes OUT what the run's folder was when the state was saved.
void restore_run(const ReplayOptions& options, const Beginning& from, const fs::path& out) {
  std::error_code error;
  // Data that did not change since need not be hashed again.
  for (const char* name : {"data.sha256", "data.sha256.stamp"})
    fs::copy_file(options.ledger.parent_path() / name, out / name, error);
  if (options.state.empty()) return;
  fs::create_directories(out / "checkpoints");
  fs::copy_file(options.state, out / "checkpoints" / "training_state.safetensors", error);
  if (error) fail(Code::kIo, "{}: {}", options.state.string(), error.message());
  const std::string contents = system::read_file(options.ledger, int64_t{512} << 20);
  const int64_t bytes = std::clamp<int64_t>(from.bytes, 0, std::ssize(contents));
  system::write_file(out / "ledger.jsonl", std::string_view(contents).substr(0, bytes));
}

void run_baseline(std::vector<std::string> arguments) {
  system::ProcessSpec spec;
  const fs::path program = system::self_executable().parent_path() / "reconproof-baseline";
  arguments.insert(arguments.begin(), program.string());
  spec.argv = std::move(arguments);
  spec.env = system::inherited_environment();
  const system::ProcessResult result = system::run_process(spec);
  if (result.ok()) return;
  const Code code = result.exit_code == 2   ? Code::kInvalidArgument
                    : result.exit_code == 3 ? Code::kCorrupt
                    : result.exit_code == 4 ? Code::kIntegrity
                                            : Code::kInternal;
  const std::string why = !result.start_error.empty() ? result.start_error : result.output;
  fail(code, "the replay by {} failed (exit {}): {}", program.filename().string(), result.exit_code,
       system::printable(why.substr(why.size() - std::min<size_t>(why.size(), 2000))));
}

/// The part between two counts of steps, the weights at both ends included.
checks::StepSeries part_of(checks::StepSeries series, int64_t from, int64_t to) {
  std::erase_if(series.steps, [&](const checks::StepRecord& step) {
    return step.iteration < from || step.iteration >= to;
  });
  std::erase_if(series.weights, [&](const checks::WeightsRecord& record) {
    return record.iteration < from || record.iteration > to;
  });
  return series;
}

/// The surroundings of the line that is in force at `lines`.
std::map<std::string, json> surroundings(const formats::Ledger& ledger, int64_t lines) {
  std::map<std::string, json> found;
  for (const LedgerEntry& entry : ledger.entries) {
    if (entry.seq >= lines && entry.seq > 0) break;
    for (const char* key : formats::kLedgerSurroundings)
      if (entry.extra.contains(key)) found[key] = entry.extra.at(key);
  }
  return found;
}

/// Ledgers from before there was a choice name none. `auto`, and `libtorch` for a graph without a
/// GPU: where there is another device, or a slice that LibTorch computed, the replay differs in
/// rounding, which is told.
std::string backend_option(const std::map<std::string, json>& surroundings) {
  const auto found = surroundings.find("backend");
  if (found == surroundings.end() || !found->second.is_string()) return "libtorch";
  const auto backend = found->second.get<std::string>();
  if (backend.starts_with("engine")) return "auto";
  const bool graph = backend == "graph" && !system::open_gpu_monitor()->devices().empty();
  return graph ? "graph" : "libtorch";
}

}  // namespace

system::ExitCode Replay::exit_code() const {
  if (comparison.equal()) return system::ExitCode::kPass;
  const checks::Divergence& first = *comparison.first;
  const bool rounding = first.quantity == checks::Quantity::kWeights ||
                        (first.relative && *first.relative <= kRounding);
  return rounding && !elsewise.empty() ? system::ExitCode::kInconclusive
                                       : system::ExitCode::kNotReproduced;
}

Replay replay_ledger(const ReplayOptions& options) {
  const formats::Ledger ledger = formats::read_ledger(options.ledger);
  const json& start = ledger.entries.front().extra;
  const Beginning from = options.state.empty() ? Beginning() : beginning_of(options.state);
  Replay replay;
  replay.head = ledger.head;
  replay.from = from.iteration;
  replay.to = end_of(ledger, from, options.until, options.ledger);

  const system::TemporaryFolder folder;
  const fs::path out = folder.path() / "run";
  fs::create_directories(out);
  restore_run(options, from, out);
  const std::map<std::string, json> there = surroundings(ledger, from.lines);
  std::vector<std::string> arguments =
      train_arguments(start, settings_at(ledger, from.lines), backend_option(there), options);
  for (const std::string& argument :
       {std::string("--out"), out.string(), std::string("--stop-at"), std::to_string(replay.to)})
    arguments.push_back(argument);
  if (!options.state.empty()) arguments.push_back("--resume");
  run_baseline(std::move(arguments));

  const formats::Ledger again = formats::read_ledger(out / "ledger.jsonl");
  const std::map<std::string, json> here = surroundings(again, std::ssize(again.entries));
  for (const auto& [key, then] : there) {
    const auto now = here.find(key);
    if (now != here.end() && now->second != then)
      replay.elsewise.push_back(
          fmt::format("{} {} in place of {}", key, now->second.dump(), then.dump()));
  }
  if (options.state.empty() && again.entries.front().extra.value("data_sha256", json()) !=
                                   start.value("data_sha256", json())) {
    fail(Code::kIntegrity,
         "{}: was trained on other data than those that are given (data_sha256 differs)",
         options.ledger.string());
  }
  replay.comparison =
      checks::compare_series(part_of(checks::series_of(ledger), replay.from, replay.to),
                             part_of(checks::series_of(again), replay.from, replay.to));
  return replay;
}

std::string replay_text(const Replay& replay) {
  std::string text = fmt::format("steps {} to {} were taken again: ", replay.from, replay.to);
  if (replay.comparison.equal()) {
    text += fmt::format(
        "every loss and the weights after {} steps are the recorded ones, bit for bit", replay.to);
  } else {
    text += checks::comparison_text(replay.comparison);
    if (replay.exit_code() == system::ExitCode::kInconclusive)
      text += ". Rounding can do this, since this machine is not the same";
  }
  if (!replay.elsewise.empty())
    text += fmt::format(" ({})",
                        system::printable(fmt::format("{}", fmt::join(replay.elsewise, ", "))));
  return text;
}

}  // namespace reconproof::workflows
