// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "workflows/plan/plan.h"

namespace reconproof::workflows {

/// "16x768x396": coils, rows, columns. kUsage for anything else.
formats::Shape parse_shape(const std::string& text);

/// What is known of the data beside, or instead of, their files.
struct ScaleOptions {
  std::optional<formats::Shape> shape;  // of every slice
  int64_t slices = 0;                   // of a volume; 0: as the files say, else 16
  int64_t volumes = 0;                  // of the training set; 0: as the files say, else not known
};

/// The leaderboard is that of the files, else the edition's number of volumes with shapes as the
/// training set has them. kUsage where no shape is known.
PlanScale make_scale(const challenge::Edition& edition, const PlanData& data,
                     const ScaleOptions& options);

/// Every shape of the scale once, for the question.
std::vector<formats::Shape> shapes_of(const PlanScale& scale);

}  // namespace reconproof::workflows
