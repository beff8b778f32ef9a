// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/slice_times.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace reconproof::checks {

using nlohmann::json;

namespace {

constexpr double kRequestMs = 1;  // a round trip and the image's way (tests/bench/slice_bench)
constexpr double kPrepS = 0.05;   // opening a file, a first call

double quantile(const std::vector<double>& sorted, double share) {
  const auto index = static_cast<size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::max<size_t>(index, 1) - 1];
}

}  // namespace

SliceStatistics statistics(const std::vector<VolumeTimes>& volumes, bool declared) {
  std::vector<double> all;
  for (const VolumeTimes& volume : volumes) {
    const std::vector<double>& times = declared ? volume.declared_s : volume.slice_s;
    all.insert(all.end(), times.begin(), times.end());
  }
  if (all.empty()) return {};
  std::ranges::sort(all);
  const double total = std::accumulate(all.begin(), all.end(), 0.0);
  return {static_cast<int64_t>(all.size()), total, total / static_cast<double>(all.size()) * 1e3,
          quantile(all, 0.5) * 1e3, quantile(all, 0.95) * 1e3};
}

void keep_least(std::vector<VolumeTimes>& volumes, const std::vector<VolumeTimes>& again) {
  const auto least = [](std::vector<double>& times, const std::vector<double>& others) {
    for (size_t i = 0; i < std::min(times.size(), others.size()); ++i)
      times[i] = std::min(times[i], others[i]);
  };
  for (VolumeTimes& volume : volumes) {
    const auto other = std::ranges::find_if(again, [&](const VolumeTimes& candidate) {
      return candidate.cell == volume.cell && candidate.name == volume.name;
    });
    if (other == again.end()) continue;
    least(volume.slice_s, other->slice_s);
    least(volume.declared_s, other->declared_s);
    volume.prep_s = std::min(volume.prep_s, other->prep_s);
    volume.prep_cpu_s = std::min(volume.prep_cpu_s, other->prep_cpu_s);
    volume.altered = std::min(volume.altered, other->altered);
    volume.computed_before = volume.computed_before || other->computed_before;
  }
}

void PaceRange::note(const std::vector<VolumeTimes>& volumes) {
  const double mean_ms = statistics(volumes).mean_ms;
  if (least_ms_ == 0 || mean_ms < least_ms_) least_ms_ = mean_ms;
  most_ms_ = std::max(most_ms_, mean_ms);
}

double gap_percent(double earlier_ms, double later_ms) {
  const double more_ms = later_ms - earlier_ms - kRequestMs;
  return more_ms <= 0 ? 0 : more_ms / std::max(earlier_ms, kRequestMs) * 100;
}

double prep_ms_per_mb(const VolumeTimes& volume) {
  const double seconds = std::max(volume.prep_s, volume.prep_cpu_s) - kPrepS;
  if (volume.bytes <= 0) return 0;
  return std::max(0.0, seconds) * 1e3 / (static_cast<double>(volume.bytes) * 1e-6);
}

json to_json(const std::vector<VolumeTimes>& volumes) {
  json list = json::array();
  for (const VolumeTimes& volume : volumes) {
    list.push_back({{"cell", volume.cell},
                    {"name", volume.name},
                    {"bytes", volume.bytes},
                    {"prep_s", volume.prep_s},
                    {"prep_cpu_s", volume.prep_cpu_s},
                    {"slice_s", volume.slice_s},
                    {"declared_s", volume.declared_s},
                    {"altered", volume.altered},
                    {"computed_before", volume.computed_before}});
  }
  return list;
}

json to_json(const SliceStatistics& statistics) {
  return {{"slices", statistics.slices},
          {"total_s", statistics.total_s},
          {"mean_ms", statistics.mean_ms},
          {"median_ms", statistics.median_ms},
          {"p95_ms", statistics.p95_ms}};
}

}  // namespace reconproof::checks
