// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/determinism/lineage.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "challenge/dataset/data_list.h"
#include "checks/determinism/ledger_grammar.h"
#include "formats/npy.h"
#include "formats/torch_checkpoint.h"
#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::checks {

namespace fs = std::filesystem;
using nlohmann::json;
using system::Code;

namespace {

constexpr const char* kLedgerName = "ledger.jsonl";
constexpr const char* kDataListName = "data.sha256";
constexpr const char* kValidationName = "val_loss_log.npy";

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::string text_or_empty(const json& object, const char* key) {
  const json value = object.is_object() ? object.value(key, json()) : json();
  return value.is_string() ? value.get<std::string>() : std::string();
}

/// The official log of validation losses: rows (epoch from 0, sum over the volumes). The best mean
/// that the ledger's end states is one of the sums, in parts of a whole number of volumes.
void check_validation(const fs::path& path, const formats::Ledger& ledger, LedgerTrace& trace) {
  const formats::NpyArray log = formats::read_npy(path);
  if (log.type != formats::NpyType::kFloat64 || log.shape.size() != 2 || log.shape[1] != 2) {
    system::fail(Code::kCorrupt, "{}: holds {} {}, expected float64 (epochs, 2)", path.string(),
                 formats::npy_type_text(log.type), formats::shape_text(log.shape));
  }
  const std::span<const double> values = log.doubles();
  // A run that was killed after its validation has one row more than the ledger has epochs.
  const int64_t most = trace.epochs + (ledger.ended ? 0 : 1);
  if (trace.epochs > 0 && (log.shape[0] < trace.epochs || log.shape[0] > most)) {
    system::fail(Code::kIntegrity, "{}: has {} epochs, but the ledger has {}", path.string(),
                 log.shape[0], trace.epochs);
  }
  double least = INFINITY;
  for (size_t row = 0; 2 * row < values.size(); ++row) {
    if (values[2 * row] != static_cast<double>(row))
      system::fail(Code::kIntegrity, "{}: row {} is of epoch {}, expected {}", path.string(), row,
                   values[2 * row], row);
    least = std::min(least, values[2 * row + 1]);
  }
  if (!ledger.ended || values.empty()) return;
  const json best = ledger.entries.back().extra.value("best_val_loss", json());
  if (!best.is_number() || best.get<double>() >= 1) return;  // no epoch was below 1
  const double volumes = least / best.get<double>();
  if (!(volumes > 0.5) || std::abs(volumes - std::round(volumes)) > 1e-9 * volumes) {
    system::fail(Code::kIntegrity,
                 "{}: the least loss {} is no sum over whole volumes of the {} that the ledger's "
                 "end states",
                 path.string(), least, best.dump());
  }
}

/// Every volume of a step stands in the list of the data, whose hash the ledger's start states.
void check_data_list(const fs::path& path, const formats::Ledger& ledger,
                     const LedgerTrace& trace) {
  const std::vector<challenge::ListedFile> files =
      challenge::parse_data_list(system::read_file(path), path.string());
  const std::string found = challenge::data_sha256(files);
  if (!trace.data_sha256.empty() && found != trace.data_sha256) {
    system::fail(Code::kIntegrity,
                 "{}: is of data {}, but the ledger's start states data_sha256 {}", path.string(),
                 found, trace.data_sha256);
  }
  std::set<std::string> names;
  for (const challenge::ListedFile& file : files) names.insert(file.path.filename().string());
  for (const formats::LedgerEntry& entry : ledger.entries) {
    if (entry.kind != formats::kLedgerStep || !entry.file || names.contains(*entry.file)) continue;
    system::fail(Code::kIntegrity, "{}: does not list {}, on which line {} of the ledger trains",
                 path.string(), *entry.file, entry.seq + 1);
  }
}

template <typename Check>
void check_beside(const char* name, LedgerTrace& trace, Check check) {
  const fs::path path = trace.path.parent_path() / name;
  if (!is_there(path)) return;
  try {
    check(path);
    trace.agreeing.push_back(name);
  } catch (const system::Error& error) {
    trace.problems.push_back(system::printable(error.what()));
  }
}

/// As formats::weights_sha256, with one tensor in memory at a time.
std::string digest_of(const formats::TensorFile& file) {
  system::Sha256 hash;
  for (const auto& item : file.tensors()) {  // in byte order of their names
    const std::vector<std::byte> data = file.read(item.first);
    hash.update(item.first.c_str(), item.first.size() + 1);
    hash.update(data.data(), data.size());
  }
  return hash.hex();
}

/// The ledger and iteration that record a digest; the last step at which they do.
std::optional<WeightsOrigin> find_origin(const std::vector<LedgerTrace>& ledgers,
                                         const std::string& digest) {
  std::optional<WeightsOrigin> found;
  for (size_t i = 0; i < ledgers.size(); ++i) {
    for (const WeightsRecord& record : ledgers[i].series.weights) {
      if (record.sha256 == digest && (!found || record.iteration > found->iteration))
        found = WeightsOrigin{i, record.iteration};
    }
  }
  return found;
}

std::vector<WeightsOrigin> origins_of(const std::vector<LedgerTrace>& ledgers,
                                      const std::string& digest) {
  std::vector<WeightsOrigin> origins;
  std::optional<WeightsOrigin> next = find_origin(ledgers, digest);
  while (next && origins.size() < ledgers.size()) {
    origins.push_back(*next);
    const std::vector<WeightsRecord>& weights = ledgers[next->ledger].series.weights;
    next = find_origin(ledgers, weights.front().sha256);
    if (next && next->iteration == 0) break;  // where a training began, be it another of this seed
  }
  return origins;
}

/// What the metadata of a checkpoint state must be what the ledger says.
void check_statements(const formats::TensorFile& file, const std::string& name, Lineage& lineage) {
  const auto stated = file.metadata().find("initial_weights_sha256");
  if (stated == file.metadata().end() || lineage.origins.empty()) return;
  const LedgerTrace& first = lineage.ledgers[lineage.origins.back().ledger];
  const std::string& initial = first.series.weights.front().sha256;
  if (stated->second != initial) {
    lineage.problems.push_back(
        fmt::format("{}: states initial_weights_sha256 {}, but {} begins with {}", name,
                    system::printable(stated->second), first.path.filename().string(), initial));
  }
}

/// False when it is not there.
bool add_ledger(std::vector<fs::path>& paths, const fs::path& path) {
  std::error_code ignored;
  const fs::path place = fs::weakly_canonical(path, ignored);
  if (!fs::is_regular_file(place, ignored)) return false;
  if (std::ranges::find(paths, place) == paths.end()) paths.push_back(place);
  return true;
}

/// Those that are there. `missing`: the first that a training declares and that is not.
std::vector<fs::path> ledgers_of_trainings(const submission::Project& project,
                                           std::string& missing) {
  std::vector<fs::path> paths;
  for (const submission::Step& train : project.train_steps) {
    if (!train.ledger.empty()) {
      if (!add_ledger(paths, project.host(train.ledger)) && missing.empty()) missing = train.ledger;
    } else if (!train.outputs.empty()) {
      add_ledger(paths, project.host(train.outputs) / kLedgerName);
    }
  }
  return paths;
}

/// Of the reconstruct step first, then of each training that says what it writes.
std::vector<std::string> declared_weights(const submission::Project& project) {
  std::vector<std::string> models = {project.reconstruct_step->weights};
  for (const submission::Step& train : project.train_steps) {
    const bool known = std::ranges::any_of(models, [&](const std::string& model) {
      return project.host(model) == project.host(train.weights);
    });
    if (!train.weights.empty() && !known) models.push_back(train.weights);
  }
  return models;
}

Lineage without_ledger(const std::string& weights, const std::string& missing) {
  Lineage lineage;
  lineage.weights = weights;
  lineage.declared = !missing.empty();
  lineage.absent_reason =
      lineage.declared
          ? fmt::format("not judged: the declared ledger {} is not there",
                        system::printable(missing))
          : fmt::format("there is no {} beside the weights or in [steps.train] outputs",
                        kLedgerName);
  return lineage;
}

}  // namespace

LedgerTrace trace_ledger(const fs::path& path) {
  LedgerTrace trace;
  trace.path = path;
  formats::Ledger ledger;
  try {
    ledger = formats::read_ledger(path);
  } catch (const system::Error& error) {
    if (error.code() == Code::kNotFound) throw;
    trace.broken = system::printable(error.what());
    trace.malformed = error.code() == Code::kCorrupt;
    return trace;
  }
  trace.head = ledger.head;
  trace.lines = std::ssize(ledger.entries);
  trace.ended = ledger.ended;
  trace.resumes = std::ranges::count(ledger.entries, std::string(formats::kLedgerResume),
                                     &formats::LedgerEntry::kind);
  trace.data_sha256 = text_or_empty(ledger.entries.front().extra, "data_sha256");
  trace.series = series_of(ledger);
  LedgerGrammar grammar = judge_grammar(ledger, path.string());
  trace.problems = std::move(grammar.problems);
  trace.epochs = grammar.epochs;
  check_beside(kValidationName, trace,
               [&](const fs::path& file) { check_validation(file, ledger, trace); });
  check_beside(kDataListName, trace,
               [&](const fs::path& file) { check_data_list(file, ledger, trace); });
  return trace;
}

Lineage trace_weights(const fs::path& weights, const std::string& name,
                      std::vector<LedgerTrace> ledgers) {
  Lineage lineage;
  lineage.ledgers = std::move(ledgers);
  lineage.weights = name;
  try {
    const std::unique_ptr<formats::TensorFile> file = formats::open_tensor_file(weights);
    lineage.weights_sha256 = digest_of(*file);
    lineage.origins = origins_of(lineage.ledgers, lineage.weights_sha256);
    check_statements(*file, name, lineage);
  } catch (const system::Error& error) {
    lineage.unread_reason = system::printable(error.what());
  }
  return lineage;
}

std::vector<Lineage> trace_project(const submission::Project& project) {
  std::string missing;
  std::vector<fs::path> paths = ledgers_of_trainings(project, missing);
  const std::vector<std::string> models = declared_weights(project);
  for (const std::string& weights : models) {
    const fs::path folder = project.host(weights).parent_path();
    add_ledger(paths, folder / kLedgerName);
    add_ledger(paths, folder.parent_path() / kLedgerName);
  }
  if (!missing.empty() || paths.empty()) return {without_ledger(models.front(), missing)};
  std::vector<LedgerTrace> ledgers;
  for (const fs::path& path : paths) ledgers.push_back(trace_ledger(path));
  std::vector<Lineage> lineages;
  for (const std::string& weights : models)
    lineages.push_back(trace_weights(project.host(weights), weights, ledgers));
  return lineages;
}

std::string origin_text(const Lineage& lineage) {
  std::vector<std::string> pieces;
  for (auto origin = lineage.origins.rbegin(); origin != lineage.origins.rend(); ++origin) {
    const LedgerTrace& ledger = lineage.ledgers[origin->ledger];
    pieces.push_back(fmt::format("{}: {} steps", system::printable(ledger.path.filename().string()),
                                 origin->iteration));
  }
  return fmt::format("{}", fmt::join(pieces, " -> "));
}

std::vector<std::string> compare_data_list(const LedgerTrace& ledger,
                                           const std::vector<fs::path>& folders) {
  const fs::path list = ledger.path.parent_path() / kDataListName;
  std::vector<std::string> differences;
  for (const challenge::ListedFile& file :
       challenge::parse_data_list(system::read_file(list), list.string())) {
    const fs::path name = file.path.parent_path().filename() / file.path.filename();
    std::string found;
    for (const fs::path& folder : folders) {
      if (!is_there(folder / name)) continue;
      found = system::sha256_file(folder / name);
      if (found == file.sha256) break;
    }
    if (found == file.sha256) continue;
    differences.push_back(system::printable(name.string()) +
                          (found.empty() ? ": is not there" : ": has another content"));
  }
  return differences;
}

}  // namespace reconproof::checks
