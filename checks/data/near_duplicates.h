// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Leaderboard content in the training data that was changed on the way: renamed, encoded anew,
// masked otherwise, with fewer coils, turned, cropped, scaled, with noise. Found by fingerprints of
// what the slices show (docs/leaks.md: what is found, what is not).
#pragma once

#include <string>
#include <vector>

#include "challenge/dataset/fingerprint_match.h"
#include "checks/data/slice_visit.h"

namespace reconproof::checks {

enum class Likeness {
  kCopy,       // the slice itself
  kNeighbour,  // a slice beside it in the same subject, or a copy that was changed a lot
};

struct NearDuplicate {
  std::string training, leaderboard;  // "train/kspace/a.h5 slice 3"
  Likeness likeness = Likeness::kCopy;
  challenge::SliceMatch match;  // of the training slice to the leaderboard's

  /// "train/kspace/a.h5 slice 3 = acc4/image/b.h5 slice 0 (similarity 0.98, turned by 180 degrees)"
  std::string text() const;
};

struct NearDuplicateResult {
  std::vector<NearDuplicate> found;  // copies first; of one pair of volumes and slice, the likest
  int64_t leaderboard_slices = 0, training_slices = 0;  // with content, views of them counted once

  int64_t count(Likeness likeness) const;
};

/// Similarity from which on two slices count as the same, and as slices of one subject, given the
/// detail and the number of cells in which they could be compared.
double copy_threshold(const challenge::SliceMatch& match);
double neighbour_threshold(const challenge::SliceMatch& match);

/// Collects fingerprints, 5 KB a slice, and compares them.
class NearDuplicateFinder {
 public:
  void add_leaderboard(const VisitedSlice& slice);
  void add_training(const VisitedSlice& slice);
  NearDuplicateResult find() const;

 private:
  struct Entry {
    std::string volume, place;
    int64_t index = 0;
    challenge::SliceFingerprint print;
  };
  struct Pair;
  struct Search;
  static void add(const VisitedSlice& slice, std::vector<Entry>& entries);
  std::vector<Entry> leaderboard_, training_;
};

}  // namespace reconproof::checks
