// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/runs/import.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "formats/csv.h"
#include "formats/npy.h"
#include "formats/tensorboard.h"
#include "system/date.h"
#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::submission {

namespace fs = std::filesystem;
using system::Code;

namespace {

constexpr int64_t kMaxFile = int64_t{256} << 20;
constexpr double kMaxStep = 1e9;

int64_t changed_us(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return system::now_us();
  return status.st_mtim.tv_sec * int64_t{1000000} + status.st_mtim.tv_nsec / 1000;
}

enum class Quantity { kNone, kLoss, kValLoss, kEpoch, kStep };

/// What a column or a tag holds, by its name: "loss/val", "run - train_loss", "epoch".
Quantity quantity_of(std::string_view name) {
  std::string small(name);
  std::ranges::transform(small, small.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (small.ends_with("__min") || small.ends_with("__max")) return Quantity::kNone;
  if (small == "epoch" || small == "trainer/epoch") return Quantity::kEpoch;
  if (small == "step" || small == "_step" || small == "global_step" ||
      small == "trainer/global_step")
    return Quantity::kStep;
  if (small.find("loss") == std::string::npos) return Quantity::kNone;
  return small.find("val") != std::string::npos ? Quantity::kValLoss : Quantity::kLoss;
}

/// A loss of a step, or a validation at an epoch's end; NaN and infinities are noted.
CurvePoint point_of(Quantity quantity, int64_t epoch, int64_t step, double value) {
  CurvePoint point;
  point.epoch_end = quantity == Quantity::kValLoss;
  point.epoch = epoch;
  if (!point.epoch_end) point.iteration = step;
  point.not_finite = !std::isfinite(value);
  if (!point.not_finite) (point.epoch_end ? point.val_loss : point.loss) = value;
  return point;
}

std::optional<double> number_in(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

int64_t count_of(double value, const std::string& where) {
  if (!(value >= 0 && value <= kMaxStep)) {
    system::fail(Code::kCorrupt, "{}: {}, expected a count of steps or epochs up to 10^9", where,
                 value);
  }
  return static_cast<int64_t>(value);
}

void add_point(Run& run, CurvePoint point, double at_s = 0) {
  if (run.points.size() == kMaxPoints) return;
  // Whatever a stranger's clock says.
  point.at_s = std::isfinite(at_s) ? std::clamp(at_s, 0.0, kMaxRunSeconds) : 0;
  take_point(run, point);
  run.points.push_back(std::move(point));
}

std::vector<Run> from_npy(const fs::path& file) {
  const formats::NpyArray array = formats::read_npy(file);
  if (array.shape.size() != 2 || array.shape[1] != 2 || array.type != formats::NpyType::kFloat64) {
    system::fail(Code::kCorrupt,
                 "{}: expected rows of epoch and loss in float64, as the official trainer writes "
                 "val_loss_log.npy",
                 file.string());
  }
  Run run;
  const std::span<const double> values = array.doubles();
  for (size_t i = 0; i + 1 < values.size(); i += 2)
    add_point(run,
              point_of(Quantity::kValLoss, count_of(values[i], file.string()), 0, values[i + 1]));
  return {std::move(run)};
}

std::vector<Run> from_events(std::string_view bytes, const std::string& name) {
  const formats::TensorboardEvents events = formats::parse_tensorboard(bytes, name);
  Run run;
  double first_s = 0;
  for (const formats::TensorboardScalar& scalar : events.scalars) {
    const Quantity quantity = quantity_of(scalar.tag);
    if (quantity != Quantity::kLoss && quantity != Quantity::kValLoss) continue;
    const int64_t step = count_of(static_cast<double>(scalar.step), name);
    if (run.points.empty()) first_s = scalar.wall_s;
    add_point(run,
              point_of(quantity, quantity == Quantity::kValLoss ? step : 0, step, scalar.value),
              scalar.wall_s - first_s);
  }
  if (first_s > 0 && first_s < 1e11) run.begun_us = static_cast<int64_t>(first_s * 1e6);
  if (events.cut_off) run.message = "the last record is cut off: its writer was killed";
  return {std::move(run)};
}

/// "lively-moon-3 - val_loss": W&B puts the run's name before the column's.
std::pair<std::string, std::string> run_and_column(const std::string& header) {
  const size_t dash = header.rfind(" - ");
  if (dash == std::string::npos) return {"", header};
  return {header.substr(0, dash), header.substr(dash + 3)};
}

std::vector<Run> from_csv(std::string_view text, const std::string& name) {
  const formats::CsvTable table = formats::parse_csv(text, name);
  std::map<std::string, Run> runs;
  std::optional<size_t> epoch_column, step_column;
  for (size_t i = 0; i < table.header.size(); ++i) {
    const Quantity quantity = quantity_of(table.header[i]);
    if (quantity == Quantity::kEpoch) epoch_column = i;
    if (quantity == Quantity::kStep) step_column = i;
  }
  for (size_t row = 0; row < table.rows.size(); ++row) {
    const std::vector<std::string>& cells = table.rows[row];
    const std::string where = fmt::format("{}: row {}", name, row + 1);
    const auto count_in = [&](const std::optional<size_t>& column) -> std::optional<int64_t> {
      const auto value = column ? number_in(cells[*column]) : std::nullopt;
      return value ? std::optional(count_of(*value, where)) : std::nullopt;
    };
    const int64_t step = count_in(step_column).value_or(static_cast<int64_t>(row));
    const std::optional<int64_t> epoch = count_in(epoch_column);
    for (size_t i = 0; i < cells.size(); ++i) {
      const auto [run, column] = run_and_column(table.header[i]);
      const Quantity quantity = quantity_of(column);
      const auto value = number_in(cells[i]);
      if (!value || (quantity != Quantity::kLoss && quantity != Quantity::kValLoss)) continue;
      const int64_t at = epoch.value_or(quantity == Quantity::kValLoss ? step : 0);
      add_point(runs[run], point_of(quantity, at, step, *value));
    }
  }
  std::vector<Run> found;
  for (auto& [title, run] : runs) {
    if (!title.empty()) run.command = {utf8_text(title, 1000)};
    found.push_back(std::move(run));
  }
  return found;
}

std::vector<Run> from_log(std::string_view text) {
  Run run;
  double at_s = 0;
  challenge::TrainingLogReader reader([&](const challenge::TrainingLogLine& line) {
    const CurvePoint point = curve_point(line, 0);
    at_s += (point.epoch_end ? point.val_time_s : point.time_s).value_or(0);
    add_point(run, point, at_s);
  });
  reader.add(text);
  reader.finish();
  run.log_bytes = std::ssize(text);
  return {std::move(run)};
}

std::vector<Run> read_runs(const fs::path& file, std::string_view bytes) {
  if (bytes.starts_with("\x93NUMPY")) return from_npy(file);
  if (formats::is_tensorboard(bytes)) return from_events(bytes, file.string());
  const std::string_view first = bytes.substr(0, bytes.find('\n'));
  if (file.extension() == ".csv" ||
      (first.find(',') != std::string_view::npos && first.find("loss") != std::string_view::npos &&
       first.find("Epoch = [") == std::string_view::npos))
    return from_csv(bytes, file.string());
  return from_log(bytes);
}

void complete(Run& run, const fs::path& file, const std::string& sha256, size_t number) {
  run.id = system::sha256_hex(fmt::format("reconproof import {} {}", sha256, number)).substr(0, 32);
  run.kind = "import";
  run.imported_from = utf8_text(file.filename().string(), 1000);
  run.command.insert(run.command.begin(), run.imported_from);
  run.updated_us = changed_us(file);
  if (run.begun_us == 0) run.begun_us = run.updated_us;
  run.ended_us = run.begun_us + static_cast<int64_t>(run.points.back().at_s * 1e6);
  if (run.points.back().at_s > 0) run.wall_s = run.points.back().at_s;
  // How it ended nobody has seen; a log that stops before its last epoch was cut off.
  run.outcome = run.epochs_done < run.epochs ? Outcome::kKilled : Outcome::kSucceeded;
}

}  // namespace

std::vector<Run> import_runs(const fs::path& file) {
  const std::string bytes = system::read_file(file, kMaxFile);
  std::vector<Run> runs = read_runs(file, bytes);
  std::erase_if(runs, [](const Run& run) { return run.points.empty(); });
  if (runs.empty()) {
    system::fail(
        Code::kCorrupt,
        "{}: tells of no loss; expected val_loss_log.npy, a log of the official trainer, a "
        "CSV of W&B with columns named ...loss, or an event file of TensorBoard with tags "
        "named ...loss",
        file.string());
  }
  const std::string sha256 = system::sha256_hex(bytes);
  for (size_t i = 0; i < runs.size(); ++i) complete(runs[i], file, sha256, i);
  return runs;
}

}  // namespace reconproof::submission
