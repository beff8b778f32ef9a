// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Data held against the organiser's manifest: what was altered, what comes from elsewhere, what is
// missing.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "challenge/dataset/manifest.h"
#include "checks/data/volume_check.h"

namespace reconproof::checks {

/// Holds a data set's folder against a manifest. The folder may be one below the one that the
/// manifest was made of: names decide which.
class ManifestComparison {
 public:
  /// `files`: paths below the folder.
  ManifestComparison(const challenge::ManifestIndex& index, const std::filesystem::path& folder,
                     const std::set<std::string>& files);

  /// Any number of threads.
  void compare(const std::string& file, const challenge::FileDigest& digest,
               const ContentBySet& content, std::vector<DataFault>& faults) const;
  /// Files of the manifest that lack in a folder that is there.
  std::vector<DataFault> missing() const;

 private:
  const challenge::ManifestIndex& index_;
  const std::set<std::string>& files_;
  std::string prefix_;  // of the manifest's paths, ends in '/' or is empty
};

/// Where a file parts from the manifest's of that name: the slice, and in words.
struct Difference {
  std::optional<int64_t> slice;
  std::string text;
};
Difference first_difference(const challenge::ManifestEntry& entry,
                            const challenge::FileDigest& digest, const ContentBySet& content);

/// For the rule data.manifest: training data against the manifest, by content alone.
struct ManifestResult {
  int64_t files = 0;                 // volumes' files that were looked at
  std::vector<std::string> foreign;  // "train/kspace/a.h5: ..."
};
ManifestResult compare_with_manifest(const challenge::ManifestIndex& index,
                                     const std::vector<std::filesystem::path>& training);

}  // namespace reconproof::checks
