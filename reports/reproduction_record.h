// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What was made anew: by `reconproof reproduce` of a bundle, by `reconproof rehearse` of a clone
// (docs/formats/reproduce.md, rehearse.md), as plain values. All text may be a stranger's.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reconproof::reports {

/// Score item -> printed digits.
using ItemDigits = std::map<std::string, std::string>;

struct ReproductionRecord {
  std::string project, edition, bundle_id, verdict, points_at;
  int exit_code = 0;
  ItemDigits claimed, checked, recomputed, re_executed;
  struct Agreement {
    std::string what;  // "recomputed_claimed", ...; of a training its name
    bool is_training = false;
    std::string tier, message;
  };
  std::vector<Agreement> agreements;
  /// Of the images: re-executed against bundled.
  std::optional<double> volumes, identical_files, max_relative, tolerance;
  std::optional<double> wall_s;
};

struct RehearsalRecord {
  std::string project, edition, commit, begun, verdict;
  int exit_code = 0;
  ItemDigits rehearsed;
};

/// Nothing where the file is not there, or where the bundle was damaged, so that nothing was run;
/// kCorrupt, with the key, for a malformed one.
std::optional<ReproductionRecord> read_reproduction(const std::filesystem::path& file);
std::optional<RehearsalRecord> read_rehearsal(const std::filesystem::path& file);

}  // namespace reconproof::reports
