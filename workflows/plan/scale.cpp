// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/plan/scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::workflows {
namespace {

constexpr int64_t kUsualSlices = 16;  // of a brain volume

int64_t values(const formats::Shape& shape) { return shape[0] * shape[1] * shape[2]; }

/// So many slices with shapes in the same parts as `like` has them.
SliceShapes like(const SliceShapes& like, int64_t volumes, int64_t slices) {
  SliceShapes scaled;
  scaled.volumes = volumes;
  const double factor = static_cast<double>(slices) / static_cast<double>(like.count());
  for (const auto& [shape, count] : like.slices)
    scaled.slices[shape] = std::llround(static_cast<double>(count) * factor);
  return scaled;
}

int64_t slices_of_volume(const SliceShapes& set) {
  return std::llround(static_cast<double>(set.count()) / static_cast<double>(set.volumes));
}

}  // namespace

formats::Shape parse_shape(const std::string& text) {
  formats::Shape shape(3);
  int end = 0;
  const int read =
      std::sscanf(text.c_str(), "%4ldx%4ldx%4ld%n", &shape[0], &shape[1], &shape[2], &end);
  if (read != 3 || static_cast<size_t>(end) != text.size() ||
      *std::ranges::min_element(shape) < 1) {
    system::fail(system::Code::kUsage,
                 "plan: --shape {}: expected COILSxROWSxCOLUMNS such as 16x768x396",
                 system::printable(text));
  }
  return shape;
}

PlanScale make_scale(const challenge::Edition& edition, const PlanData& data,
                     const ScaleOptions& options) {
  PlanScale scale;
  if (data.train) scale.train = *data.train;
  SliceShapes known = data.train ? *data.train : data.leaderboard.value_or(SliceShapes());
  if (options.shape) known = {{{*options.shape, 1}}, 1, {}};
  if (known.slices.empty())
    system::fail(system::Code::kUsage,
                 "plan: give --data DIR, whose files tell their shapes, or --shape 16x768x396 "
                 "(coils, rows, columns)");
  const int64_t slices = options.slices > 0 ? options.slices
                         : data.train       ? slices_of_volume(*data.train)
                                            : kUsualSlices;
  if (options.volumes > 0 || (options.shape && data.train)) {
    const int64_t volumes = options.volumes > 0 ? options.volumes : data.train->volumes;
    scale.train = like(known, volumes, volumes * slices);
  }
  if (data.leaderboard && !options.shape) {
    scale.leaderboard = *data.leaderboard;
    scale.leaderboard_known = Known::kMeasured;
    scale.leaderboard_text = fmt::format("{} volumes of the data", scale.leaderboard.volumes);
  } else {
    const int64_t volumes = edition.official_volume_count() * std::ssize(edition.cells);
    scale.leaderboard = like(known, volumes, volumes * slices);
    scale.leaderboard_text =
        fmt::format("{} volumes of {} with {} slices each{}", volumes, edition.id, slices,
                    options.slices > 0 || data.train ? "" : " (assumed)");
  }
  scale.usual = known.usual();
  scale.worst = known.largest();
  for (const SliceShapes* set : {&scale.train, &scale.leaderboard}) {
    if (!set->slices.empty() && values(set->largest()) > values(scale.worst))
      scale.worst = set->largest();
  }
  return scale;
}

std::vector<formats::Shape> shapes_of(const PlanScale& scale) {
  std::set<formats::Shape> shapes = {scale.worst, scale.usual};
  for (const auto& [shape, count] : scale.train.slices) shapes.insert(shape);
  for (const auto& [shape, count] : scale.leaderboard.slices) shapes.insert(shape);
  return {shapes.begin(), shapes.end()};
}

}  // namespace reconproof::workflows
