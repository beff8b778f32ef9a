// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The shapes of the slices of a data set, from the headers of its files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>

#include "challenge/edition.h"
#include "formats/array.h"

namespace reconproof::workflows {

struct SliceShapes {
  std::map<formats::Shape, int64_t> slices;  // (coils, rows, columns) -> how many
  int64_t volumes = 0;
  std::filesystem::path largest_volume;  // of the largest slices

  int64_t count() const;
  /// With the most values.
  formats::Shape largest() const;
  /// That most slices have.
  formats::Shape usual() const;
};

/// Of DIR/kspace. kNotFound without volumes; kCorrupt where a file has no k-space.
SliceShapes shapes_in(const std::filesystem::path& folder);

struct PlanData {
  std::optional<SliceShapes> train, val, leaderboard;
};

/// DIR holds train/, val/ and leaderboard/, or some of them; or it is a training set itself, with
/// kspace/; or a leaderboard. kNotFound where it is neither.
PlanData plan_data(const challenge::Edition& edition, const std::filesystem::path& folder);

}  // namespace reconproof::workflows
