// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/training/own_ledger.h"

#include <algorithm>

#include "formats/ledger.h"
#include "system/clock.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::checks {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kName = "ledger.jsonl";
constexpr int64_t kLongest = 64 << 20;
constexpr double kPause = 0.5;  // seconds

/// Whole lines alone: the one that was being written when the training was ended is none.
std::string whole_lines(const fs::path& file) {
  std::string text = system::read_file(file, kLongest);
  text.resize(text.rfind('\n') + 1);
  return text;
}

int64_t steps_in(const std::string& text) {
  constexpr std::string_view kStep = "\"kind\":\"step\"";
  int64_t steps = 0;
  for (size_t at = text.find(kStep); at != std::string::npos; at = text.find(kStep, at + 1))
    ++steps;
  return steps;
}

/// A run is ended at some step after the last one that was asked for: what came later is dropped.
void cut(StepSeries& series, int64_t updates) {
  std::erase_if(series.steps, [&](const StepRecord& step) { return step.iteration >= updates; });
  std::erase_if(series.weights,
                [&](const WeightsRecord& weights) { return weights.iteration > updates; });
}

WatchedTraining training_of(const formats::Ledger& ledger, int64_t updates) {
  const json& start = ledger.entries.front().extra;
  WatchedTraining training;
  training.own = true;
  training.series = series_of(ledger);
  cut(training.series, updates);
  training.stopped = training.updates() >= updates;
  training.torch = start.at("torch").get<std::string>();
  training.device = start.at("device").get<std::string>();
  training.threads = start.at("threads").get<int64_t>();
  training.backend = start.value("backend", std::string());
  training.seeds.emplace_back("seed", start.at("seed").get<int64_t>());
  return training;
}

}  // namespace

fs::path find_own_ledger(const fs::path& outputs) {
  for (const fs::path& file : system::files_below(outputs)) {  // follows no links
    if (file.filename() == kName) return outputs / file;
  }
  return {};
}

bool OwnLedgerWatch::enough() {
  const double now = system::monotonic_seconds();
  if (now < next_look_s_) return false;
  next_look_s_ = now + kPause;
  try {
    const fs::path file = find_own_ledger(outputs_);
    return !file.empty() && steps_in(whole_lines(file)) >= updates_;
  } catch (const system::Error&) {
    return false;  // it is writing there; or what it wrote is no ledger
  }
}

void read_own_ledger(const fs::path& outputs, int64_t updates, WatchedRun& run) {
  try {
    const fs::path file = find_own_ledger(outputs);
    if (file.empty()) return;
    const system::TemporaryFolder folder;
    system::write_file(folder.path() / kName, whole_lines(file));
    const formats::Ledger ledger = formats::read_ledger(folder.path() / kName);
    run.trainings.push_back(training_of(ledger, updates));
  } catch (const system::Error& error) {
    run.fault = fmt::format("the training's own ledger cannot be read: {}", error.what());
  } catch (const json::exception&) {
    run.fault = "the training's own ledger has no torch, device, threads or seed in its first line";
  }
}

}  // namespace reconproof::checks
