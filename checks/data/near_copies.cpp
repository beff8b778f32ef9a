// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/data/near_copies.h"

#include <fmt/format.h>

#include <optional>

#include "challenge/dataset/fingerprint_match.h"
#include "challenge/dataset/fingerprint_sketch.h"
#include "checks/data/near_duplicates.h"

namespace reconproof::checks {

using challenge::SliceFingerprint;
using challenge::SliceMatch;
using challenge::SliceMatcher;
using challenge::SliceSketch;

namespace {

constexpr int kLeastCells = 100;  // where both show something: less is a speck

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

/// The likest label of an earlier volume.
const Label* likest_before(const std::vector<Label>& labels, const Label& label) {
  const Label* likest = nullptr;
  float most = -1;
  for (const Label& other : labels) {
    if (other.volume == label.volume) break;
    const float like = challenge::likeness(other.sketch, label.sketch);
    if (like <= most) continue;
    most = like;
    likest = &other;
  }
  return likest;
}

bool is_copy(const SliceMatch& match) {
  return match.cells >= kLeastCells && match.similarity >= copy_threshold(match.detail);
}

/// Leaderboards may show the same subjects at each acceleration, and equal content is told already.
bool is_told(const SetVolume& a, int64_t slice_a, const SetVolume& b, int64_t slice_b) {
  const ExaminedSlice& x = a.examined.slices[static_cast<size_t>(slice_a)];
  const ExaminedSlice& y = b.examined.slices[static_cast<size_t>(slice_b)];
  return (a.pair.leaderboard && b.pair.leaderboard) || x.label == y.label ||
         (!x.kspace.empty() && x.kspace == y.kspace);
}

}  // namespace

std::vector<DataFault> find_near_copies(const std::vector<SetVolume>& volumes) {
  std::vector<DataFault> faults;
  const std::vector<Label> labels = labels_of(volumes);
  for (const Label& label : labels) {
    const Label* other = likest_before(labels, label);
    const SetVolume& here = volumes[label.volume];
    if (!other || is_told(here, label.slice, volumes[other->volume], other->slice)) continue;
    const SliceMatch match = SliceMatcher(other->print).match(SliceMatcher(label.print));
    if (!is_copy(match)) continue;
    add_fault(faults,
              {"near-duplicate",
               true,
               here.pair.image,
               {label.slice},
               fmt::format("shows the same as {}, {}", volumes[other->volume].pair.image,
                           match.transformation()),
               "Look at both: keep one, and never one of the leaderboard in training."});
  }
  return faults;
}

}  // namespace reconproof::checks
