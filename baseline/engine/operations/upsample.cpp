// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/operations/upsample.h"

#include <algorithm>

namespace reconproof::baseline::engine {

Upsample::Upsample(const View& input, const View& output, const float* weights)
    : Operation(input, output) {
  constexpr int64_t kTaps = 4;
  for (int64_t o = 0; o < out.count; ++o) {
    for (int64_t i = 0; i < in.count; ++i) {
      const float* from = weights + (i * out.count + o) * kTaps;
      packed_.insert(packed_.end(), from, from + kTaps);
    }
  }
}

void Upsample::run(Context& context) const {
  constexpr int64_t kRows = 8;  // of the input, for a task
  const Planes input = context.planes(in), output = context.planes(out);
  const int64_t ranges = (input.rows + kRows - 1) / kRows;
  run_with_sums(context, ranges, 1, out.count, [&](int64_t range, int64_t, double* parts) {
    const int64_t end = std::min((range + 1) * kRows, input.rows);
    for (int64_t row = range * kRows; row < end; ++row) {
      for (int64_t o = 0; o < out.count; ++o) {
        double* part = parts + 2 * o;
        context.kernels.upsample_row({input.row(0, row), in.count, input.plane_floats(),
                                      input.columns, packed_.data() + o * in.count * 4,
                                      output.row(o, 2 * row), output.row(o, 2 * row + 1), part,
                                      part + 1});
      }
    }
  });
}

double Upsample::flops(const std::vector<Buffer>& buffers) const {
  const Planes& planes = planes_of(buffers, in);
  return 8.0 * static_cast<double>(planes.rows * planes.columns * in.count * out.count);
}

}  // namespace reconproof::baseline::engine
