// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/operations/normalise.h"

#include <algorithm>
#include <cmath>

namespace reconproof::baseline::engine {
namespace {

constexpr int64_t kNormRange = 1 << 16;  // positions of a task

}  // namespace

void Normalise::run(Context& context) const {
  constexpr double kEpsilon = 1e-5;  // nn.InstanceNorm2d's
  const Planes planes = context.planes(out);
  const double pixels = static_cast<double>(planes.rows * planes.columns);
  const int64_t positions = planes.positions();
  const int64_t ranges = (positions + kNormRange - 1) / kNormRange;
  context.team.run(out.count * ranges, [&](int64_t task, int) {
    const int64_t channel = task / ranges, begin = task % ranges * kNormRange;
    const double mean = context.sums[static_cast<size_t>(channel)] / pixels;
    const double square = context.squares[static_cast<size_t>(channel)] / pixels;
    const double variance = std::max(0.0, square - mean * mean);
    const double scale = 1 / std::sqrt(variance + kEpsilon);
    if (saved_ >= 0 && begin == 0)
      context.memory.kept[saved_ + channel] = static_cast<float>(scale);
    context.kernels.normalise(planes.row(channel, 0) + begin,
                              std::min(kNormRange, positions - begin), static_cast<float>(scale),
                              static_cast<float>(-mean * scale));
  });
  context.team.run(out.count, [&](int64_t channel, int) { clear_frame(planes, channel); });
}

double Normalise::flops(const std::vector<Buffer>& buffers) const {
  const Planes& planes = planes_of(buffers, out);
  return 4.0 * static_cast<double>(planes.rows * planes.columns * out.count);
}

void NormaliseGradient::run(Context& context) const {
  const Planes y = context.planes(in), g = context.planes(out);
  const double pixels = static_cast<double>(g.rows * g.columns);
  const int64_t positions = g.positions();
  const int64_t ranges = (positions + kNormRange - 1) / kNormRange;
  const auto begin_of = [&](int64_t range) { return range * kNormRange; };
  const auto count_of = [&](int64_t range) {
    return std::min(kNormRange, positions - begin_of(range));
  };
  context.team.run(out.count, [&](int64_t channel, int) { clear_frame(g, channel); });
  run_with_sums(context, ranges, out.count, out.count,
                [&](int64_t range, int64_t channel, double* parts) {
                  const int64_t at = begin_of(range);
                  context.kernels.normalise_sums(y.row(channel, 0) + at, g.row(channel, 0) + at,
                                                 count_of(range), parts + 2 * channel,
                                                 parts + 2 * channel + 1);
                });
  context.team.run(out.count * ranges, [&](int64_t task, int) {
    const int64_t channel = task / ranges, at = begin_of(task % ranges);
    const auto mean_of = [&](const std::vector<double>& sums) {
      return static_cast<float>(sums[static_cast<size_t>(channel)] / pixels);
    };
    context.kernels.normalise_gradient(
        y.row(channel, 0) + at, g.row(channel, 0) + at, count_of(task % ranges),
        context.memory.kept[saved_ + channel], mean_of(context.sums), mean_of(context.squares));
  });
  context.team.run(out.count, [&](int64_t channel, int) { clear_frame(g, channel); });
}

double NormaliseGradient::flops(const std::vector<Buffer>& buffers) const {
  const Planes& planes = planes_of(buffers, out);
  return 9.0 * static_cast<double>(planes.rows * planes.columns * out.count);
}

}  // namespace reconproof::baseline::engine
