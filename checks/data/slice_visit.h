// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Every slice of leaderboard and training data, read once for all who look at content.
#pragma once

#include <complex>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "challenge/edition.h"
#include "formats/array.h"

namespace reconproof::checks {

/// A folder with kspace/ and image/; `name` begins the places in it that are reported.
struct DataFolder {
  std::filesystem::path path;
  std::string name;
};

/// The folders of an edition's leaderboard, one a cell.
std::vector<DataFolder> leaderboard_folders(const challenge::Edition& edition,
                                            const std::filesystem::path& leaderboard);

/// A folder with kspace/ or image/, or the folders in it that have one, by name. kNotFound:
/// neither.
std::vector<DataFolder> data_folders_in(const std::filesystem::path& folder);

struct VisitedSlice {
  std::string volume;  // "train/brain_acc4_1.h5": k-space and label of it share this
  std::string place;   // "train/kspace/brain_acc4_1.h5 slice 3"
  int64_t index = 0;
  formats::Shape shape;                         // (coils, H, W) or (H, W)
  std::span<const std::complex<float>> kspace;  // one of the two is empty
  std::span<const float> image;
};

using SliceVisitor = std::function<void(const VisitedSlice&)>;

/// All slices of the leaderboard, then all of the training data; holds one slice at a time.
/// kCorrupt for a file that is none of the challenge's.
void visit_slices(const std::vector<DataFolder>& leaderboard,
                  const std::vector<DataFolder>& training, const SliceVisitor& on_leaderboard,
                  const SliceVisitor& on_training);

}  // namespace reconproof::checks
