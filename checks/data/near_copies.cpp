// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/data/near_copies.h"

#include <fmt/core.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "challenge/dataset/fingerprint_match.h"
#include "challenge/dataset/fingerprint_sketch.h"
#include "checks/data/near_duplicates.h"
#include "system/interrupt.h"
#include "system/parallel.h"
#include "system/terminal.h"

namespace reconproof::checks {

using challenge::SliceFingerprint;
using challenge::SliceMatch;
using challenge::SliceMatcher;
using challenge::SliceSketch;

namespace {

constexpr int kLeastCells = 200;  // where both show something: less is a speck
// Between all volumes of a set there are many pairs, and simple shapes resemble each other: more is
// asked for than between leaderboard and training data.
constexpr double kLeastSimilarity = 0.97;
constexpr size_t kCandidatesOfALabel = 4;  // of each label, by sketch: compared in full

struct Label {
  size_t volume;
  int64_t slice;
  SliceFingerprint print;
  SliceSketch sketch;
};

std::vector<Label> labels_of(const std::vector<SetVolume>& volumes) {
  std::vector<Label> labels;
  for (size_t i = 0; i < volumes.size(); ++i) {
    const std::vector<ExaminedSlice>& slices = volumes[i].examined.slices;
    for (size_t s = 0; s < slices.size(); ++s) {
      const auto print = challenge::fingerprint_from_text(slices[s].fingerprint);
      if (!print || print->empty()) continue;
      labels.push_back({i, static_cast<int64_t>(s), *print,
                        challenge::sketch(*print, {print->row_cycles, print->column_cycles})});
    }
  }
  return labels;
}

/// The likest labels of earlier volumes, by sketch.
std::vector<const Label*> likest_before(const std::vector<Label>& labels, const Label& label) {
  std::vector<std::pair<float, const Label*>> kept;
  for (const Label& other : labels) {
    if (other.volume == label.volume) break;
    const float like = challenge::likeness(other.sketch, label.sketch);
    if (kept.size() == kCandidatesOfALabel && like <= kept.back().first) continue;
    if (kept.size() == kCandidatesOfALabel) kept.pop_back();
    const auto place = std::ranges::find_if(kept, [&](const auto& k) { return k.first < like; });
    kept.insert(place, {like, &other});
  }
  std::vector<const Label*> likest;
  for (const auto& [like, other] : kept) likest.push_back(other);
  return likest;
}

bool is_copy(const SliceMatch& match) {
  return match.cells >= kLeastCells &&
         match.similarity >= std::max(kLeastSimilarity, copy_threshold(match));
}

/// Leaderboards may show the same subjects at each acceleration, and equal content is told already.
bool is_told(const SetVolume& a, int64_t slice_a, const SetVolume& b, int64_t slice_b) {
  const ExaminedSlice& x = a.examined.slices[static_cast<size_t>(slice_a)];
  const ExaminedSlice& y = b.examined.slices[static_cast<size_t>(slice_b)];
  return (a.pair.leaderboard && b.pair.leaderboard) || x.label == y.label ||
         (!x.kspace.empty() && x.kspace == y.kspace);
}

std::optional<DataFault> compare(const std::vector<SetVolume>& volumes, const Label& label,
                                 const std::vector<const Label*>& others) {
  const SetVolume& here = volumes[label.volume];
  const SliceMatcher matcher(label.print);
  for (const Label* other : others) {
    const SetVolume& there = volumes[other->volume];
    if (is_told(here, label.slice, there, other->slice)) continue;
    const SliceMatch match = SliceMatcher(other->print).match(matcher);
    if (!is_copy(match)) continue;
    return DataFault{
        "near-duplicate",
        true,
        here.pair.image,
        {label.slice},
        fmt::format("shows the same as {}, {}", there.pair.image, match.transformation()),
        "Look at both: keep one, and never one of the leaderboard in training."};
  }
  return std::nullopt;
}

}  // namespace

std::vector<DataFault> find_near_copies(const std::vector<SetVolume>& volumes, int threads) {
  const std::vector<Label> labels = labels_of(volumes);
  std::vector<std::optional<DataFault>> found(labels.size());
  system::Progress progress("comparing labels", std::ssize(labels));
  std::mutex mutex;
  system::for_each_index(labels.size(), threads, [&](size_t i) {
    system::InterruptWatch::throw_if_interrupted();
    found[i] = compare(volumes, labels[i], likest_before(labels, labels[i]));
    const std::lock_guard lock(mutex);
    progress.advance();
  });
  std::vector<DataFault> faults;
  for (std::optional<DataFault>& fault : found)
    if (fault) add_fault(faults, std::move(*fault));
  return faults;
}

}  // namespace reconproof::checks
