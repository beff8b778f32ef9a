// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/slice_choice.h"

#include <algorithm>

namespace reconproof::reports {
namespace {

std::optional<SliceChoice> with_worst_box(const challenge::ScoreResult& score,
                                          const std::string& cell) {
  std::optional<SliceChoice> choice;
  double worst = 0;
  for (const challenge::VolumeScore& volume : score.volumes) {
    if (volume.cell != cell) continue;
    for (const challenge::BoxScore& box : volume.boxes) {
      if (!box.value || (choice && *box.value >= worst)) continue;
      choice = {&volume, box.slice, SliceRole::kWorstBox};
      worst = *box.value;
    }
  }
  return choice;
}

}  // namespace

std::vector<SliceChoice> choose_slices(const challenge::ScoreResult& score,
                                       const std::string& cell) {
  struct Scored {
    SliceChoice choice;
    double ssim = 0;
  };
  std::vector<Scored> all;
  for (const challenge::VolumeScore& volume : score.volumes) {
    if (volume.cell != cell) continue;
    for (size_t i = 0; i < volume.slices.size(); ++i) {
      if (!volume.slices[i]) continue;
      all.push_back({{&volume, static_cast<int64_t>(i), SliceRole::kOnly}, *volume.slices[i]});
    }
  }
  if (all.empty()) return {};
  if (all.size() == 1) return {all.front().choice};
  std::ranges::stable_sort(all, {}, &Scored::ssim);
  std::vector<SliceChoice> chosen;
  const auto choose = [&](const Scored& scored, SliceRole role) {
    chosen.push_back({scored.choice.volume, scored.choice.slice, role});
  };
  choose(all.front(), SliceRole::kWorst);
  // Of two, the lower one in the middle were the worst again.
  if (all.size() > 2) choose(all[(all.size() - 1) / 2], SliceRole::kMedian);
  choose(all.back(), SliceRole::kBest);
  const std::optional<SliceChoice> box = with_worst_box(score, cell);
  const auto is_it = [&](const SliceChoice& other) {
    return other.volume == box->volume && other.slice == box->slice;
  };
  if (box && std::ranges::none_of(chosen, is_it)) chosen.push_back(*box);
  return chosen;
}

std::vector<int64_t> evenly_chosen(const std::vector<int64_t>& all, int64_t wanted) {
  const int64_t count = std::ssize(all);
  if (wanted >= count) return all;
  std::vector<int64_t> chosen;
  for (int64_t i = 0; i < wanted; ++i)
    chosen.push_back(all[static_cast<size_t>((2 * i + 1) * count / (2 * wanted))]);
  return chosen;
}

}  // namespace reconproof::reports
