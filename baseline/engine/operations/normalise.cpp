// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/operations/normalise.h"

#include <algorithm>
#include <cmath>

namespace reconproof::baseline::engine {

void Normalise::run(Context& context) const {
  constexpr double kEpsilon = 1e-5;    // nn.InstanceNorm2d's
  constexpr int64_t kRange = 1 << 16;  // positions of a task
  const Planes planes = context.planes(out);
  const double pixels = static_cast<double>(planes.rows * planes.columns);
  const int64_t positions = planes.positions();
  const int64_t ranges = (positions + kRange - 1) / kRange;
  context.team.run(out.count * ranges, [&](int64_t task, int) {
    const int64_t channel = task / ranges, begin = task % ranges * kRange;
    const double mean = context.sums[static_cast<size_t>(channel)] / pixels;
    const double square = context.squares[static_cast<size_t>(channel)] / pixels;
    const double variance = std::max(0.0, square - mean * mean);
    const double scale = 1 / std::sqrt(variance + kEpsilon);
    context.kernels.normalise(planes.row(channel, 0) + begin, std::min(kRange, positions - begin),
                              static_cast<float>(scale), static_cast<float>(-mean * scale));
  });
  context.team.run(out.count, [&](int64_t channel, int) { clear_frame(planes, channel); });
}

double Normalise::flops(const std::vector<Buffer>& buffers) const {
  const Planes& planes = planes_of(buffers, out);
  return 4.0 * static_cast<double>(planes.rows * planes.columns * out.count);
}

}  // namespace reconproof::baseline::engine
