// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/operations/conv1x1.h"

#include <algorithm>

namespace reconproof::baseline::engine {
namespace {

double conv1x1_flops(const std::vector<Buffer>& buffers, const View& in, const View& out) {
  const Planes& planes = planes_of(buffers, in);
  return 2.0 * static_cast<double>(planes.rows * planes.columns * in.count * out.count);
}

}  // namespace

Conv1x1Gradient::Conv1x1Gradient(const View& gradient, const View& to, std::string weights)
    : Operation(gradient, to), weights_(std::move(weights)) {}

void Conv1x1Gradient::load(const Weights& weights) {
  const float* values = weights(weights_);  // [gradient.count][to.count]
  packed_.clear();
  for (int64_t i = 0; i < out.count; ++i)
    for (int64_t o = 0; o < in.count; ++o) packed_.push_back(values[o * out.count + i]);
}

void Conv1x1Gradient::run(Context& context) const {
  const Planes gradient = context.planes(in), to = context.planes(out);
  context.team.run(out.count, [&](int64_t channel, int) {
    context.kernels.combine_row(gradient.row(0, 0), in.count, gradient.plane_floats(),
                                packed_.data() + channel * in.count, 0, 1, 0, to.row(channel, 0),
                                to.positions());
  });
}

double Conv1x1Gradient::flops(const std::vector<Buffer>& buffers) const {
  return conv1x1_flops(buffers, in, out);
}

void Conv1x1WeightGradient::run(Context& context) const {
  constexpr int64_t kRange = 1 << 14;  // positions of a task
  const Planes input = context.planes(in), gradient = context.planes(out);
  const int64_t positions = input.positions(), ranges = (positions + kRange - 1) / kRange;
  const int64_t weights = out.count * in.count;
  const float* sums = sum_over_ranges(
      context, ranges, 1, weights + out.count, [&](int64_t range, int64_t, float* part) {
        const int64_t at = range * kRange, count = std::min(kRange, positions - at);
        for (int64_t o = 0; o < out.count; ++o) {
          const float* g = gradient.row(o, 0) + at;
          for (int64_t i = 0; i < in.count; ++i)
            context.kernels.products1(
                {input.row(i, 0) + at, 0, g, 0, count, part + o * in.count + i});
          part[weights + o] = static_cast<float>(context.kernels.sum(g, count));
        }
      });
  std::copy_n(sums, weights + out.count, context.memory.gradients + at_);
}

double Conv1x1WeightGradient::flops(const std::vector<Buffer>& buffers) const {
  return conv1x1_flops(buffers, in, out);
}

}  // namespace reconproof::baseline::engine
