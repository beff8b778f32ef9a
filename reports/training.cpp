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

std::vector<double> read_step_losses(const fs::path& path) {
  std::vector<double> losses;
  for (const formats::LedgerEntry& entry : formats::read_ledger(path).entries) {
    if (entry.kind == formats::kLedgerStep) {
      losses.push_back(entry.loss.value_or(std::numeric_limits<double>::quiet_NaN()));
    }
  }
  return losses;
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
  if (const auto ledger = beside_weights(weights, "ledger.jsonl")) {
    training.has_ledger = true;
    losses = read_step_losses(*ledger);
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
