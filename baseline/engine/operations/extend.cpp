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

}  // namespace reconproof::baseline::engine
