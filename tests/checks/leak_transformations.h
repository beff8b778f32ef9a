// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What may have been done to a leaderboard volume before it came into training data: for the leak
// matrix (docs/leaks.md) and its small version among the unit tests.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "challenge/dataset/simulate.h"
#include "checks/data/near_duplicates.h"

namespace reconproof::checks {

/// A volume as the finder sees it: k-space as it lies in the file, and labels.
struct LeakVolume {
  std::string name;
  challenge::KspaceVolume kspace;
  std::vector<std::vector<float>> labels;  // by slice, 384 x 384; none where the file is not there
};

/// As a leaderboard holds it: masked by the acceleration, with labels.
LeakVolume leaderboard_volume(const std::string& name, const challenge::KspaceVolume& complete,
                              int64_t acceleration);

inline constexpr int kLeakTransformations = 12;
const char* leak_transformation(int index);

/// The volume after transformation `index`; `number` varies how (which flip, which coils).
LeakVolume transformed(int index, const std::string& name, const challenge::KspaceVolume& complete,
                       int64_t acceleration, int64_t number);

enum class LeakSide { kLeaderboard, kTraining };
/// Adds every slice to the finder; `labels`: whether the label files are there.
void add_volume(NearDuplicateFinder& finder, LeakSide side, const LeakVolume& volume, bool labels);

}  // namespace reconproof::checks
