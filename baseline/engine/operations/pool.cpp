// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/operations/pool.h"

namespace reconproof::baseline::engine {

void Pool::run(Context& context) const {
  const Planes input = context.planes(in), output = context.planes(out);
  context.team.run(out.count, [&](int64_t channel, int) {
    clear_frame(output, channel);
    for (int64_t row = 0; row < output.rows; ++row) {
      context.kernels.pool_row(input.row(channel, 2 * row), input.row(channel, 2 * row + 1),
                               output.row(channel, row), output.columns);
    }
  });
}

double Pool::flops(const std::vector<Buffer>& buffers) const {
  const Planes& planes = planes_of(buffers, out);
  return 4.0 * static_cast<double>(planes.rows * planes.columns * out.count);
}

void PoolGradient::run(Context& context) const {
  const Planes pooled = context.planes(in), to = context.planes(out);
  context.team.run(in.count, [&](int64_t channel, int) {
    for (int64_t row = 0; row < pooled.rows; ++row) {
      context.kernels.spread_row(pooled.row(channel, row), to.row(channel, 2 * row),
                                 to.row(channel, 2 * row + 1), pooled.columns);
    }
  });
}

double PoolGradient::flops(const std::vector<Buffer>& buffers) const {
  const Planes& planes = planes_of(buffers, in);
  return 5.0 * static_cast<double>(planes.rows * planes.columns * in.count);
}

}  // namespace reconproof::baseline::engine
