// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The same k-space under other names or in another cell's folder: what a method may not notice.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "challenge/dataset/random.h"
#include "challenge/edition.h"

namespace reconproof::checks {

/// A k-space file as the command sees it.
struct ShownVolume {
  std::filesystem::path host;
  std::string cell, name;              // what it is: cell of the edition, file name
  std::string shown_cell, shown_name;  // as what it is shown
};

/// What changes from the data as they are.
struct InputChange {
  bool names = false;  // random ones: the order of the files changes with them
  bool cells = false;  // each cell shows the next one's files; needs two cells
  /// Wrong ones lie in the image files' place (poisoned_labels.h): not seen in the view itself.
  bool labels = false;
};

/// Twelve letters and ".h5": nothing in it sorts as a number or says what it is.
std::string random_file_name(challenge::Random& random);

/// All k-space files of a leaderboard. Equal seeds give equal names.
std::vector<ShownVolume> view_inputs(const challenge::Edition& edition,
                                     const std::filesystem::path& data, const InputChange& change,
                                     uint64_t seed);

/// Gives reconstructions (<cell>/*.h5) of such a view the names that they would have had. What no
/// volume of the view stands for keeps its name behind "shown-", so that it is seen as too many.
void restore_names(const std::vector<ShownVolume>& view, const std::filesystem::path& recon);

}  // namespace reconproof::checks
