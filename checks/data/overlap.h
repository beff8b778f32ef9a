// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Leaderboard content in the training data, found by exact content: file names, containers and
// compression do not matter, and neither does the sampling mask, since only the centre of k-space
// is compared.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "challenge/edition.h"
#include "checks/data/slice_visit.h"

namespace reconproof::checks {

struct OverlapResult {
  std::vector<std::string>
      matches;  // "train/kspace/a.h5 slice 3 = acc4/kspace/brain_test1.h5 slice 0"
  int64_t leaderboard_slices = 0, training_slices = 0;
};

/// Compares hashes; constant memory apart from one a leaderboard slice.
class OverlapFinder {
 public:
  void add_leaderboard(const VisitedSlice& slice);
  void add_training(const VisitedSlice& slice);  // after those of the leaderboard
  const OverlapResult& result() const { return result_; }

 private:
  std::unordered_map<std::string, std::string> known_;
  OverlapResult result_;
};

/// `training`: folders with kspace/ and image/ (train, val).
OverlapResult find_overlap(const challenge::Edition& edition,
                           const std::filesystem::path& leaderboard,
                           const std::vector<std::filesystem::path>& training);

}  // namespace reconproof::checks
