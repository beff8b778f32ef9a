// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/training/watched.h"

#include <algorithm>
#include <set>

#include "formats/ledger.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::checks {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr size_t kMostLedgers = 16;
constexpr int64_t kLongestLedger = 64 << 20;
constexpr int64_t kLongestNote = 64 << 10;
constexpr size_t kMostAsked = 100;
constexpr int64_t kMostValues = int64_t{1} << 40;

/// Throws json::exception where the row is none.
InitialTensor tensor_of(const json& row) {
  InitialTensor tensor;
  tensor.name = row.at(0).get<std::string>();
  tensor.values = 1;
  for (const json& size : row.at(1)) {
    const int64_t length = std::clamp<int64_t>(size.get<int64_t>(), 0, kMostValues);
    tensor.values = length > 0 ? std::min(kMostValues / length, tensor.values) * length : 0;
  }
  tensor.sha256 = row.at(2).get<std::string>();
  tensor.constant = row.at(3).get<bool>();
  tensor.optimized = row.at(4).get<bool>();
  return tensor;
}

void add_tensors(const json& extra, std::vector<InitialTensor>& tensors) {
  const auto found = extra.find("tensors");
  if (found == extra.end()) return;
  for (const json& row : *found) tensors.push_back(tensor_of(row));
}

void add_update(const formats::LedgerEntry& entry, WatchedTraining& training) {
  StepRecord step;
  step.iteration = entry.iteration;
  step.loss = entry.loss;
  step.grad_norm = entry.grad_norm;
  training.series.steps.push_back(std::move(step));
  training.series.weights.push_back({entry.iteration + 1, entry.weights_sha256.value()});
  add_tensors(entry.extra, training.tensors);
  training.files.push_back(entry.extra.at("files").get<std::vector<std::string>>());
  for (const json& index : entry.extra.at("indices"))
    training.indices.push_back(index.get<int64_t>());
}

WatchedTraining training_of(const formats::Ledger& ledger) {
  WatchedTraining training;
  const json& start = ledger.entries.front().extra;
  training.series.weights.push_back({0, ledger.entries.front().weights_sha256.value()});
  add_tensors(start, training.tensors);
  for (const json& seed : start.at("seeds"))
    training.seeds.emplace_back(seed.at(0).get<std::string>(), seed.at(1).get<int64_t>());
  training.torch = start.at("torch").get<std::string>();
  training.device = start.at("device").is_string() ? start.at("device").get<std::string>() : "";
  training.threads = start.at("threads").is_number() ? start.at("threads").get<int64_t>() : 0;
  for (const formats::LedgerEntry& entry : ledger.entries) {
    if (entry.kind == formats::kLedgerUpdate) add_update(entry, training);
  }
  training.stopped = ledger.ended && ledger.entries.back().extra.contains("stopped_after");
  return training;
}

bool is_torn(const fs::path& file) {
  const std::string text = system::read_file(file, kLongestLedger);
  return !text.ends_with('\n');
}

void read_ledger_file(const fs::path& file, WatchedRun& run) {
  const std::string name = file.filename().string();
  try {
    if (static_cast<int64_t>(fs::file_size(file)) > kLongestLedger) {
      run.fault = fmt::format("{}: longer than {} bytes", name, kLongestLedger);
      return;
    }
    run.trainings.push_back(training_of(formats::read_ledger(file)));
  } catch (const system::Error& error) {
    // A process that is killed leaves a torn line at most.
    (is_torn(file) ? run.fault : run.altered) = error.what();
  } catch (const json::exception&) {
    run.altered = name + ": lines that the watching code never writes";
  } catch (const std::bad_optional_access&) {
    run.altered = name + ": lines that the watching code never writes";
  }
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  try {
    const std::string text = system::read_file(file, kLongestNote);
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = std::min(text.find('\n', begin), text.size());
      if (end > begin) lines.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
  } catch (const system::Error& error) {
    lines.push_back(error.what());
  }
  return lines;
}

}  // namespace

WatchedRun read_watched(const fs::path& folder) {
  WatchedRun run;
  std::set<std::string> asked;
  size_t ledgers = 0;
  for (const fs::path& name : system::files_below(folder)) {  // follows no links
    const std::string text = name.string();
    if (text.starts_with("ledger-") && ++ledgers <= kMostLedgers)
      read_ledger_file(folder / name, run);
    if (text.starts_with("fault-")) {
      const std::vector<std::string> lines = lines_of(folder / name);
      run.fault = "what watches the training failed: " + (lines.empty() ? "" : lines.back());
    }
    if (!text.starts_with("asked-")) continue;
    for (const std::string& line : lines_of(folder / name)) {
      if (asked.size() < kMostAsked) asked.insert(line);
    }
  }
  run.asked.assign(asked.begin(), asked.end());
  return run;
}

}  // namespace reconproof::checks
