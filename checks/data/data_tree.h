// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What lies in the folder of a data set, before any file is opened.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "checks/data/data_fault.h"

namespace reconproof::checks {

/// The two files of a volume by their paths below the data set's folder; one of them is empty where
/// there is none.
struct VolumePair {
  std::string kspace, image;
  bool leaderboard = false;  // below a folder of that name: k-space may be masked
  /// The file to speak of where both are meant.
  const std::string& name() const { return kspace.empty() ? image : kspace; }
};

struct DataTree {
  std::vector<VolumePair> volumes;  // sorted
  std::set<std::string> files;      // all regular files that are not hidden
  std::vector<DataFault> faults;    // stray files and folders, links, collisions, unpaired
};

/// Every folder with kspace/ or image/ in it is a set. Links are not followed. kNotFound when the
/// folder holds no volume at all.
DataTree walk_data(const std::filesystem::path& folder);

}  // namespace reconproof::checks
