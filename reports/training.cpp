// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/training.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "formats/ledger.h"
#include "formats/npy.h"
#include "system/error.h"

namespace reconproof::reports {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostPoints = 400;  // about one for every other pixel of the plot

std::optional<fs::path> beside_weights(const fs::path& weights, const char* name) {
  for (const fs::path& folder : {weights.parent_path(), weights.parent_path().parent_path()}) {
    std::error_code ignored;
    if (!folder.empty() && fs::exists(folder / name, ignored)) return folder / name;
  }
  return std::nullopt;
}

/// Rows (epoch from 0, loss), as the official trainer saves them; a loss belongs to the end of its
/// epoch.
std::vector<PlotPoint> read_validation(const fs::path& path) {
  const formats::NpyArray array = formats::read_npy(path);
  if (array.type != formats::NpyType::kFloat64 || array.shape.size() != 2 || array.shape[1] != 2) {
    system::fail(system::Code::kCorrupt, "{}: holds {} {}, expected float64 (epochs, 2)",
                 path.string(), formats::npy_type_text(array.type),
                 formats::shape_text(array.shape));
  }
  const std::span<const double> values = array.doubles();
  std::vector<PlotPoint> points;
  for (size_t i = 0; i + 1 < values.size(); i += 2)
    points.push_back({values[i] + 1, values[i + 1]});
  return points;
}

std::vector<double> step_losses(const formats::Ledger& ledger) {
  std::vector<double> losses;
  for (const formats::LedgerEntry& entry : ledger.entries) {
    if (entry.kind == formats::kLedgerStep) {
      losses.push_back(entry.loss.value_or(std::numeric_limits<double>::quiet_NaN()));
    }
  }
  return losses;
}

/// A further key of a line as text; other writers may bring any type.
std::string extra_text(const formats::LedgerEntry& entry, const char* key) {
  const auto found = entry.extra.find(key);
  if (found == entry.extra.end() || found->is_null()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

LedgerFacts facts_of(const formats::Ledger& ledger) {
  LedgerFacts facts;
  facts.lines = std::ssize(ledger.entries);
  facts.ended = ledger.ended;
  facts.head = ledger.head;
  for (const formats::LedgerEntry& entry : ledger.entries) {
    facts.resumes += entry.kind == formats::kLedgerResume;
    if (entry.weights_sha256) facts.final_weights = *entry.weights_sha256;
  }
  if (ledger.entries.empty()) return facts;
  const formats::LedgerEntry& start = ledger.entries.front();
  facts.initial_weights = start.weights_sha256.value_or("");
  facts.data_sha256 = extra_text(start, "data_sha256");
  facts.seed = extra_text(start, "seed");
  facts.device = extra_text(start, "device");
  facts.torch = extra_text(start, "torch");
  return facts;
}

/// Means of up to kMostPoints equal parts; a part without a finite loss stays a gap.
std::vector<PlotPoint> thinned(const std::vector<double>& losses, double x_of_all) {
  const int64_t count = static_cast<int64_t>(losses.size());
  const int64_t parts = std::min(count, kMostPoints);
  std::vector<PlotPoint> points;
  for (int64_t part = 0; part < parts; ++part) {
    const int64_t first = part * count / parts, end = (part + 1) * count / parts;
    double sum = 0;
    int64_t finite = 0;
    for (int64_t i = first; i < end; ++i) {
      if (std::isfinite(losses[static_cast<size_t>(i)]))
        sum += losses[static_cast<size_t>(i)], ++finite;
    }
    const double mean =
        finite > 0 ? sum / static_cast<double>(finite) : std::numeric_limits<double>::quiet_NaN();
    points.push_back({static_cast<double>(end) / static_cast<double>(count) * x_of_all, mean});
  }
  return points;
}

}  // namespace

Training load_training(const fs::path& weights) {
  Training training;
  if (const auto log = beside_weights(weights, "val_loss_log.npy")) {
    training.has_validation = true;
    training.validation = read_validation(*log);
  }
  std::vector<double> losses;
  if (const auto file = beside_weights(weights, "ledger.jsonl")) {
    const formats::Ledger ledger = formats::read_ledger(*file);
    training.has_ledger = true;
    training.ledger = facts_of(ledger);
    losses = step_losses(ledger);
  }
  training.iterations = static_cast<int64_t>(losses.size());
  training.in_epochs = !training.validation.empty();
  training.training = thinned(losses, training.in_epochs ? training.validation.back().x
                                                         : static_cast<double>(losses.size()));
  for (double loss : losses) training.not_finite += !std::isfinite(loss);
  for (const PlotPoint& point : training.validation) training.not_finite += !std::isfinite(point.y);
  return training;
}

}  // namespace reconproof::reports
