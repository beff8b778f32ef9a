// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/compare.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "challenge/dataset/random.h"
#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::challenge {
namespace {

using nlohmann::json;

constexpr size_t kResamples = 10'000, kFewest = 5, kShown = 5;
constexpr uint64_t kSeed = 430;
constexpr int64_t kStream = 0x626F6F74;  // names these random numbers ("boot")

struct Pair {
  const VolumeScore *a, *b;
};

/// Sums of what counts in both, of one volume.
struct Sums {
  double a = 0, b = 0, count = 0;

  void add(const std::optional<double>& x, const std::optional<double>& y) {
    if (!x || !y) return;
    a += *x, b += *y, count += 1;
  }
  void add(const Sums& other) { a += other.a, b += other.b, count += other.count; }
};

/// One kind of number, with the names that its items have.
struct Part {
  std::string all, prefix;
  std::function<Sums(const Pair&)> sums_of;
};

Sums slice_sums(const Pair& pair) {
  Sums sums;
  const size_t slices = std::min(pair.a->slices.size(), pair.b->slices.size());
  for (size_t i = 0; i < slices; ++i) sums.add(pair.a->slices[i], pair.b->slices[i]);
  return sums;
}

Sums box_sums(const Pair& pair) {
  Sums sums;
  const size_t boxes = std::min(pair.a->boxes.size(), pair.b->boxes.size());
  for (size_t i = 0; i < boxes; ++i) sums.add(pair.a->boxes[i].value, pair.b->boxes[i].value);
  return sums;
}

std::vector<Part> parts_of(Metric metric) {
  switch (metric) {
    case Metric::kMaskedMap:
      return {{"total", "", slice_sums}};
    case Metric::kMaskAndBoxes:
      return {{"ssim_full", "ssim_full_", slice_sums}, {"ssim_bbox", "ssim_bbox_", box_sums}};
    default:
      break;
  }
  std::vector<Part> parts;
  for (const std::string name : {"mse", "nmse", "psnr", "ssim"}) {
    parts.push_back({name, name + "_", [name](const Pair& pair) {
                       Sums sums;
                       sums.add(pair.a->values.at(name), pair.b->values.at(name));
                       return sums;
                     }});
  }
  return parts;
}

double mean(double sum, double count) { return count == 0 ? 0 : sum / count; }

Interval percentiles(std::vector<double>& values) {
  std::ranges::sort(values);
  const auto at = [&](double share) {
    return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
  };
  return {at(0.025), at(0.975)};
}

/// Differences of each cell under resampling: [cell][resample].
std::vector<std::vector<double>> resample(const std::vector<std::vector<Sums>>& cells) {
  std::vector<std::vector<double>> differences;
  for (const std::vector<Sums>& volumes : cells) {
    // Stream by the number of the cell: parts with equal volumes draw equal ones.
    Random random(kSeed, {kStream, static_cast<int64_t>(differences.size())});
    std::vector<double> drawn(kResamples);
    for (double& difference : drawn) {
      Sums sums;
      for (size_t i = 0; i < volumes.size(); ++i) sums.add(volumes[random.bits() % volumes.size()]);
      difference = mean(sums.b, sums.count) - mean(sums.a, sums.count);
    }
    differences.push_back(std::move(drawn));
  }
  return differences;
}

/// The items of one part: the mean of the cells, then each cell.
void add_items(const Edition& edition, const Part& part,
               const std::vector<std::vector<Pair>>& pairs, std::vector<ItemDifference>& items) {
  std::vector<std::vector<Sums>> sums(pairs.size());
  std::vector<Sums> totals(pairs.size());
  for (size_t cell = 0; cell < pairs.size(); ++cell) {
    for (const Pair& pair : pairs[cell]) {
      sums[cell].push_back(part.sums_of(pair));
      totals[cell].add(sums[cell].back());
    }
  }
  const bool enough =
      std::ranges::all_of(sums, [](const auto& volumes) { return volumes.size() >= kFewest; });
  const std::vector<std::vector<double>> drawn =
      enough ? resample(sums) : std::vector<std::vector<double>>(pairs.size());
  const double cells = static_cast<double>(pairs.size());
  ItemDifference all{part.all, 0, 0, std::nullopt};
  std::vector<double> drawn_all(kResamples);
  std::vector<ItemDifference> each;
  for (size_t cell = 0; cell < pairs.size(); ++cell) {
    ItemDifference item{part.prefix + edition.cells[cell].name,
                        mean(totals[cell].a, totals[cell].count),
                        mean(totals[cell].b, totals[cell].count), std::nullopt};
    all.a += item.a / cells, all.b += item.b / cells;
    for (size_t i = 0; i < drawn[cell].size(); ++i) drawn_all[i] += drawn[cell][i] / cells;
    std::vector<double> sorted = drawn[cell];
    if (enough) item.interval = percentiles(sorted);
    if (!edition.cells[cell].name.empty()) each.push_back(std::move(item));
  }
  if (enough) all.interval = percentiles(drawn_all);
  items.push_back(std::move(all));
  items.insert(items.end(), each.begin(), each.end());
}

std::string place_of(const VolumeScore& volume) {
  return (volume.cell.empty() ? "" : volume.cell + "/") + volume.volume;
}

json interval_json(const std::optional<Interval>& interval) {
  return interval ? json{interval->low, interval->high} : json();
}

}  // namespace

ScoreComparison compare_scores(const Edition& edition, const ScoreResult& a, const ScoreResult& b) {
  RP_ASSERT(a.metric == b.metric && a.ruleset == b.ruleset);
  ScoreComparison comparison{a.edition, a.ruleset, a.metric, 0, {}, {}, {}};
  std::vector<std::vector<Pair>> pairs(edition.cells.size());
  for (size_t cell = 0; cell < pairs.size(); ++cell) {
    for (const VolumeScore& volume : a.volumes) {
      if (volume.cell != edition.cells[cell].name) continue;
      if (const VolumeScore* other = b.find_volume(volume.cell, volume.volume))
        pairs[cell].push_back({&volume, other});
      else
        comparison.alone.push_back(place_of(volume));
    }
  }
  for (const VolumeScore& volume : b.volumes)
    if (!a.find_volume(volume.cell, volume.volume)) comparison.alone.push_back(place_of(volume));
  for (const std::vector<Pair>& cell : pairs) {
    comparison.volumes += std::ssize(cell);
    for (const Pair& pair : cell) {
      for (size_t i = 0; i < std::min(pair.a->slices.size(), pair.b->slices.size()); ++i) {
        if (!pair.a->slices[i] || !pair.b->slices[i]) continue;
        comparison.slices.push_back({pair.a->cell, pair.a->volume, static_cast<int64_t>(i),
                                     *pair.a->slices[i], *pair.b->slices[i]});
      }
    }
  }
  for (const Part& part : parts_of(a.metric)) add_items(edition, part, pairs, comparison.items);
  return comparison;
}

std::string comparison_table(const ScoreComparison& comparison) {
  std::string text = fmt::format("  {:<16} {:>10} {:>10} {:>11}   {}\n", "", "first", "second",
                                 "difference", "95 % interval");
  for (const ItemDifference& item : comparison.items) {
    text += fmt::format("  {:<16} {:>10.6f} {:>10.6f} {:>+11.6f}   ", item.name, item.a, item.b,
                        item.b - item.a);
    text += item.interval
                ? fmt::format("[{:+.6f}, {:+.6f}]  {}\n", item.interval->low, item.interval->high,
                              item.is_clear() ? "clear" : "within noise")
                : fmt::format("none: fewer than {} volumes in a cell\n", kFewest);
  }
  std::vector<SliceDifference> slices = comparison.slices;
  std::ranges::sort(slices, [](const auto& x, const auto& y) {
    return std::abs(x.b - x.a) > std::abs(y.b - y.a);
  });
  text += fmt::format("\n  {} volumes, {} slices; largest changes of a slice:\n",
                      comparison.volumes, slices.size());
  for (size_t i = 0; i < std::min(kShown, slices.size()); ++i) {
    const SliceDifference& slice = slices[i];
    text += fmt::format("  {:<10} {:<24} slice {:>3}   {:.4f} -> {:.4f}  {:+.4f}\n",
                        system::printable(slice.cell), system::printable(slice.volume), slice.slice,
                        slice.a, slice.b, slice.b - slice.a);
  }
  for (const std::string& name : comparison.alone)
    text += fmt::format("  left out, only in one set: {}\n", system::printable(name));
  return text;
}

json to_json(const ScoreComparison& comparison) {
  json items = json::array(), slices = json::array();
  for (const ItemDifference& item : comparison.items) {
    items.push_back({{"name", item.name},
                     {"first", item.a},
                     {"second", item.b},
                     {"difference", item.b - item.a},
                     {"interval_95", interval_json(item.interval)},
                     {"clear", item.is_clear()}});
  }
  for (const SliceDifference& slice : comparison.slices) {
    slices.push_back({{"cell", slice.cell},
                      {"volume", slice.volume},
                      {"slice", slice.slice},
                      {"first", slice.a},
                      {"second", slice.b}});
  }
  return {{"schema", "reconproof.score-comparison"},
          {"schema_version", 1},
          {"edition", comparison.edition},
          {"ruleset", comparison.ruleset},
          {"metric", metric_text(comparison.metric)},
          {"volumes", comparison.volumes},
          {"only_in_one", comparison.alone},
          {"items", items},
          {"slices", slices}};
}

}  // namespace reconproof::challenge
