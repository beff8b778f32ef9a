// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "tests/checks/training_ledger.h"

#include <fmt/core.h>

#include <array>
#include <sstream>
#include <stdexcept>

#include "challenge/dataset/data_list.h"
#include "formats/ledger.h"
#include "formats/npy.h"
#include "formats/safetensors.h"
#include "system/files.h"
#include "system/sha256.h"

namespace reconproof::checks {

namespace fs = std::filesystem;
using formats::LedgerEntry;
using formats::LedgerWriter;
using nlohmann::json;

namespace {

constexpr double kLeastLoss = 0.75;  // of two volumes: a mean of 0.375

std::string hash(const std::string& text) { return system::sha256_hex(text); }

LedgerEntry entry_of(const char* kind, int64_t iteration, const std::string& digest) {
  LedgerEntry entry;
  entry.kind = kind;
  entry.iteration = iteration;
  entry.weights_sha256 = digest;
  return entry;
}

/// Slices of an epoch in its own order, two a step.
LedgerEntry step_of(int64_t iteration, int seed) {
  static constexpr std::array kOrder = {0, 1, 2, 3, 2, 0, 3, 1};
  const auto slice = [&](size_t i) {
    const int number = kOrder[2 * static_cast<size_t>(iteration) + i];
    return std::pair(fmt::format("brain_acc4_{}.h5", 1 + number / 2), int64_t{number % 2});
  };
  LedgerEntry step;
  step.kind = formats::kLedgerStep;
  step.iteration = iteration;
  std::tie(step.file, step.slice) = slice(0);
  const auto second = slice(1);
  step.extra["batch"] = json::array({{*step.file, *step.slice}, {second.first, second.second}});
  step.loss = 0.5 + 0.01 * static_cast<double>(iteration) + 1e-4 * seed;
  step.grad_norm = 2.5;
  return step;
}

std::string data_list() {
  std::string list;
  for (const char* name : {"kspace/brain_acc4_1.h5", "image/brain_acc4_1.h5",
                           "kspace/brain_acc4_2.h5", "image/brain_acc4_2.h5"}) {
    list += hash(std::string("content of ") + name) + "  Data/train/" + name + "\n";
  }
  return list;
}

}  // namespace

std::string write_weights(const fs::path& path, float value, const std::string& initial_sha256) {
  const std::array values = {value, value + 1, value + 2};
  const std::vector<formats::NamedTensor> tensors = {
      {"conv.weight", "F32", {3}, std::as_bytes(std::span(values))}};
  const std::string digest = formats::weights_sha256(tensors);
  formats::write_safetensors(path, {{"initial_weights_sha256", initial_sha256}}, tensors);
  return digest;
}

TrainingLedger::TrainingLedger(fs::path folder, int seed, bool resumed)
    : folder_(std::move(folder)) {
  fs::create_directories(folder_);
  const std::string initial = hash(fmt::format("initial {}", seed));
  const std::string final_digest = write_weights(weights(), static_cast<float>(seed), initial);
  const std::string list = data_list();
  system::write_file(folder_ / "data.sha256", list);
  const std::vector<double> losses = {0, 0.8, 1, kLeastLoss};
  formats::write_npy(folder_ / "val_loss_log.npy", {2, 2}, std::span<const double>(losses));

  LedgerWriter writer(path());
  LedgerEntry start = entry_of(formats::kLedgerStart, 0, initial);
  start.extra = {
      {"schema", "reconproof.ledger"},
      {"schema_version", 1},
      {"seed", seed},
      {"initial_weights_sha256", initial},
      {"data_sha256", challenge::data_sha256(challenge::parse_data_list(list, "data.sha256"))},
      {"config", {{"epochs", 2}, {"batch_size", 2}, {"train_slices", 4}, {"val_slices", 4}}}};
  writer.append(start);
  for (int64_t i = 0; i < 4; ++i) {
    writer.append(step_of(i, seed));
    const std::string digest =
        i == 3 ? final_digest : hash(fmt::format("weights of {} after {}", seed, i + 1));
    writer.append(entry_of(formats::kLedgerWeights, i + 1, digest));
    if (i != 2 || !resumed) continue;
    LedgerEntry resume = entry_of(formats::kLedgerResume, i + 1, digest);
    resume.extra = {{"torch", "2.1"}, {"changed", json::object()}};
    writer.append(resume);
  }
  LedgerEntry end = entry_of(formats::kLedgerEnd, 4, final_digest);
  end.extra = {{"epochs", 2}, {"best_val_loss", kLeastLoss / 2}};
  writer.append(end);

  std::istringstream text(system::read_file(path()));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
}

size_t TrainingLedger::line_of(const std::string& kind, size_t n) const {
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].find("\"kind\":\"" + kind + "\"") != std::string::npos && n-- == 0) return i;
  }
  throw std::logic_error("no such line: " + kind);
}

void TrainingLedger::replace(size_t line, const std::string& from, const std::string& to) {
  const size_t at = lines.at(line).find(from);
  if (at == std::string::npos) throw std::logic_error(lines[line] + " lacks " + from);
  lines[line].replace(at, from.size(), to);
}

void TrainingLedger::relink() {
  std::string previous(64, '0');
  for (size_t i = 0; i < lines.size(); ++i) {
    nlohmann::ordered_json line = nlohmann::ordered_json::parse(lines[i]);
    line["seq"] = i, line["prev"] = previous;
    lines[i] = line.dump();
    previous = hash(lines[i]);
  }
}

void TrainingLedger::write() const {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  system::write_file(path(), text);
}

}  // namespace reconproof::checks
