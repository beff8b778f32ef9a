// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "challenge/score/metrics.h"
#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::challenge {
namespace {

using nlohmann::json;

constexpr size_t kWorst = 5;

/// Time of the forward passes of some volumes, as recon_eval.py adds it up from a mean per slice.
struct Times {
  double seconds = 0, ms = 0;
  int64_t slow_volumes = 0;
};

/// Of one cell, or of all when `cell` is null.
Times times_of(const Edition& edition, const ScoreResult& result, const Cell* cell) {
  Times times;
  double slices = 0;
  for (const VolumeScore& volume : result.volumes) {
    if (cell && volume.cell != cell->name) continue;
    const double count = static_cast<double>(volume.slices.size());
    const double seconds = result.ms_per_slice.at(volume.cell) * count / 1e3;
    slices += count;
    times.seconds += seconds;
    times.slow_volumes += seconds > edition.score.slow_volume_s;
  }
  times.ms = times.seconds * 1e3 / slices;
  return times;
}

/// "ms_acc4" -> {"ms", acc4}; "ms" -> {"ms", null}.
std::pair<std::string, const Cell*> split_key(const Edition& edition, const std::string& key) {
  for (const Cell& cell : edition.cells) {
    if (!cell.name.empty() && key.ends_with("_" + cell.name))
      return {key.substr(0, key.size() - cell.name.size() - 1), &cell};
  }
  return {key, nullptr};
}

std::string fill(const Edition& edition, const ScoreResult& result, const std::string& text) {
  return fill_placeholders(text, [&](const std::string& key) -> std::string {
    if (const ScoreItem* item = result.item(key)) return item->printed;
    constexpr std::string_view kSpread = "_spread";
    if (key.ends_with(kSpread)) {
      const ScoreItem* item = result.item(key.substr(0, key.size() - kSpread.size()));
      RP_ASSERT(item != nullptr);
      return item->spread ? edition.score.printed(*item->spread) : "nan";
    }
    const auto [name, cell] = split_key(edition, key);
    const Times times = times_of(edition, result, cell);
    if (name == "seconds") return fmt::format("{:.2f}", times.seconds);
    if (name == "ms") return fmt::format("{:.1f}", times.ms);
    return std::to_string(times.slow_volumes);
  });
}

/// A number for a table; "-" where there is none.
std::string cell_text(const Edition& edition, const std::vector<ScoreItem>& items,
                      const std::string& name) {
  for (const ScoreItem& item : items)
    if (item.name == name) return edition.score.printed(item.value);
  return "-";
}

/// What the rows of the table are called, with the item of all cells and the prefix of each.
struct Row {
  std::string title, all, prefix;
};

std::vector<Row> rows_of(Metric metric) {
  switch (metric) {
    case Metric::kMaskedMap:
      return {{"SSIM", "total", ""}};
    case Metric::kMaskAndBoxes:
      return {{"SSIM_full", "ssim_full", "ssim_full_"}, {"SSIM_bbox", "ssim_bbox", "ssim_bbox_"}};
    default:
      return {{"MSE", "mse", "mse_"},
              {"NMSE", "nmse", "nmse_"},
              {"PSNR", "psnr", "psnr_"},
              {"SSIM", "ssim", "ssim_"}};
  }
}

std::string cell_table(const Edition& edition, const std::vector<ScoreItem>& items, Metric metric) {
  const bool named = !edition.cells.front().name.empty();
  std::string text = fmt::format("  {:<10}", "");
  for (const Cell& cell : edition.cells)
    if (named) text += fmt::format(" {:>10}", system::printable(cell.name));
  text += fmt::format(" {:>10}\n", named ? "mean" : "all");
  for (const Row& row : rows_of(metric)) {
    text += fmt::format("  {:<10}", row.title);
    for (const Cell& cell : edition.cells)
      if (named) text += fmt::format(" {:>10}", cell_text(edition, items, row.prefix + cell.name));
    text += fmt::format(" {:>10}\n", cell_text(edition, items, row.all));
  }
  return text;
}

/// Where the sum in float32 prints another digit: a team must not be surprised by it.
std::string numpy_notes(const std::vector<ScoreItem>& items) {
  std::string text;
  for (const ScoreItem& item : items) {
    if (item.printed_numpy2.empty() || item.printed_numpy2 == item.printed) continue;
    text += fmt::format(
        "  note: {} prints {} under NumPy 1 (sum in float64) and {} under NumPy 2 (sum in "
        "float32)\n",
        item.name, item.printed, item.printed_numpy2);
  }
  return text;
}

struct SliceRef {
  const VolumeScore* volume;
  size_t slice;
  double value;
};

std::string worst_slices(const ScoreResult& result) {
  std::vector<SliceRef> slices;
  for (const VolumeScore& volume : result.volumes) {
    for (size_t i = 0; i < volume.slices.size(); ++i)
      if (volume.slices[i]) slices.push_back({&volume, i, *volume.slices[i]});
  }
  const size_t shown = std::min(kWorst, slices.size());
  std::partial_sort(slices.begin(), slices.begin() + static_cast<std::ptrdiff_t>(shown),
                    slices.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
  std::string text = "  worst slices:\n";
  for (size_t i = 0; i < shown; ++i) {
    const SliceRef& ref = slices[i];
    text +=
        fmt::format("  {:<10} {:<24} slice {:>3}   {:.4f}\n", system::printable(ref.volume->cell),
                    system::printable(ref.volume->volume), ref.slice, ref.value);
  }
  return text;
}

/// Mean of what counts; nothing when nothing does.
template <typename Values>
std::optional<double> mean_of(const Values& values) {
  double sum = 0;
  int64_t count = 0;
  for (const auto& value : values)
    if (value) sum += *value, ++count;
  return count == 0 ? std::nullopt : std::optional(sum / static_cast<double>(count));
}

std::string volume_table(const ScoreResult& result) {
  const auto number = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.4f}", *value) : std::string("-");
  };
  std::string text =
      fmt::format("  {:<10} {:<24} {:>6} {:>10} {:>10}\n", "", "volume", "slices", "SSIM", "boxes");
  for (const VolumeScore& volume : result.volumes) {
    std::vector<std::optional<double>> boxes;
    for (const BoxScore& box : volume.boxes) boxes.push_back(box.value);
    text += fmt::format("  {:<10} {:<24} {:>6} {:>10} {:>10}\n", system::printable(volume.cell),
                        system::printable(volume.volume), volume.slices.size(),
                        number(mean_of(volume.slices)), number(mean_of(boxes)));
  }
  return text;
}

json number_or_null(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? json(*value) : json();
}

json to_json(const std::vector<ScoreItem>& items) {
  json list = json::array();
  for (const ScoreItem& item : items) {
    json entry = {
        {"name", item.name}, {"value", number_or_null(item.value)}, {"printed", item.printed}};
    if (!item.printed_numpy2.empty()) entry["printed_numpy2"] = item.printed_numpy2;
    if (item.spread) entry["spread"] = number_or_null(item.spread);
    list.push_back(std::move(entry));
  }
  return list;
}

json to_json(const VolumeScore& volume) {
  json slices = json::array(), boxes = json::array();
  for (const std::optional<double>& slice : volume.slices) slices.push_back(number_or_null(slice));
  for (const BoxScore& box : volume.boxes) {
    boxes.push_back({{"slice", box.slice}, {"box", box.box}, {"value", number_or_null(box.value)}});
  }
  json entry = {{"cell", volume.cell}, {"volume", volume.volume}, {"slices", slices}};
  if (!boxes.empty()) entry["boxes"] = boxes;
  for (const auto& [name, value] : volume.values) entry["values"][name] = number_or_null(value);
  return entry;
}

}  // namespace

std::string official_print(const Edition& edition, const ScoreResult& result) {
  RP_ASSERT(result.complete && result.metric == edition.score.metric);
  if (result.ms_per_slice.empty() || edition.score.timed_print.empty())
    return fill(edition, result, edition.score.print);
  std::string text = fill(edition, result, edition.score.timed_print);
  if (edition.score.slow_volume_s > 0 && times_of(edition, result, nullptr).slow_volumes > 0)
    text += fill(edition, result, edition.score.slow_warning);
  return text;
}

std::string score_table(const Edition& edition, const ScoreResult& result, bool details) {
  std::string text;
  if (result.complete) {
    text += cell_table(edition, result.items, result.metric) + "\n";
    for (const ScoreItem& item : result.items) {
      text += fmt::format("  {:<16} {:<10} ({:.9f}){}\n", item.name, item.printed, item.value,
                          item.spread ? " +/- " + edition.score.printed(*item.spread) : "");
    }
    text += numpy_notes(result.items);
  } else {
    const bool others = std::ssize(result.volumes) == result.expected_volumes;
    text += fmt::format("No score: {} of {} expected volumes counted{}.\n", result.volumes.size(),
                        result.expected_volumes, others ? ", but other files lie among them" : "");
    if (!result.partial_items.empty()) {
      text += fmt::format("Partial, of those {} volumes ({} slices) alone; not the final score:\n",
                          result.volumes.size(), result.slices());
      text += cell_table(edition, result.partial_items, result.metric);
    }
  }
  if (result.volumes.empty()) return text;
  return text + "\n" + (details ? volume_table(result) + "\n" : "") + worst_slices(result);
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of("\",\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

/// A file's name: no control characters, and no formula for a spreadsheet (OWASP, CSV injection).
std::string csv_name(const std::string& name) {
  const bool formula = !name.empty() && std::string_view("=+-@").find(name[0]) != std::string::npos;
  return csv_field((formula ? "'" : "") + system::printable(name));
}

std::string to_csv(const ScoreResult& result) {
  std::string text = "cell,volume,metric,slice,box,value\n";
  for (const VolumeScore& volume : result.volumes) {
    const std::string head = csv_name(volume.cell) + "," + csv_name(volume.volume) + ",";
    const auto line = [&](const std::string& metric, const std::string& place,
                          const std::optional<double>& value) {
      text += head + metric + "," + place + "," +
              (value ? fmt::format("{:.17g}", *value) : std::string()) + "\n";
    };
    for (size_t i = 0; i < volume.slices.size(); ++i)
      line("ssim", fmt::format("{},", i), volume.slices[i]);
    for (const BoxScore& box : volume.boxes)
      line("ssim_bbox", fmt::format("{},{}", box.slice, box.box), box.value);
    for (const auto& [name, value] : volume.values) line(name, ",", value);
  }
  return text;
}

json to_json(const ScoreResult& result) {
  json volumes = json::array(), findings = json::array();
  for (const VolumeScore& volume : result.volumes) volumes.push_back(to_json(volume));
  for (const Finding& finding : result.findings) findings.push_back(to_json(finding));
  json document = {{"schema", "reconproof.score"},
                   {"schema_version", 2},
                   {"edition", result.edition},
                   {"ruleset", result.ruleset},
                   {"metric", metric_text(result.metric)},
                   {"set", result.final_set ? "final" : "public"},
                   {"official_set", result.official_set},
                   {"complete", result.complete},
                   {"covered",
                    {{"volumes", result.volumes.size()},
                     {"expected_volumes", result.expected_volumes},
                     {"slices", result.slices()}}},
                   {"items", to_json(result.items)},
                   {"volumes", volumes},
                   {"findings", findings}};
  if (!result.partial_items.empty()) document["partial_items"] = to_json(result.partial_items);
  if (!result.ms_per_slice.empty()) document["ms_per_slice"] = result.ms_per_slice;
  return document;
}

}  // namespace reconproof::challenge
