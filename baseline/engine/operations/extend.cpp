// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/operations/extend.h"

#include <algorithm>

namespace reconproof::baseline::engine {

void Extend::run(Context& context) const {
  const Planes input = context.planes(in), output = context.planes(out);
  context.team.run(out.count, [&](int64_t channel, int) {
    clear_frame(output, channel);
    for (int64_t row = 0; row < output.rows; ++row) {
      const float* from = input.row(channel, row < input.rows ? row : input.rows - 2);
      float* to = output.row(channel, row);
      std::copy_n(from, input.columns, to);
      if (output.columns > input.columns) to[input.columns] = from[input.columns - 2];
    }
  });
}

void ExtendGradient::run(Context& context) const {
  const Planes extended = context.planes(in), to = context.planes(out);
  context.team.run(in.count, [&](int64_t channel, int) {
    // The row that stands for the one beyond the last comes behind its own.
    for (int64_t row = 0; row < extended.rows; ++row) {
      const float* from = extended.row(channel, row);
      float* sum = to.row(channel, row < to.rows ? row : to.rows - 2);
      if (row < to.rows) std::fill_n(sum, to.columns, 0.F);
      for (int64_t column = 0; column < to.columns; ++column) sum[column] += from[column];
      if (extended.columns > to.columns) sum[to.columns - 2] += from[to.columns];
    }
  });
}

}  // namespace reconproof::baseline::engine
