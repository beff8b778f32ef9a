// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/operations/upsample.h"

#include <algorithm>

namespace reconproof::baseline::engine {
namespace {

constexpr int64_t kPhases = 4;        // pixels that come of one
constexpr int64_t kUpsampleRows = 8;  // of the input, for a task

}  // namespace

Upsample::Upsample(const View& input, const View& output, std::string weights)
    : Operation(input, output), weights_(std::move(weights)) {}

void Upsample::load(const Weights& weights) {
  const float* values = weights(weights_);
  packed_.clear();
  for (int64_t o = 0; o < out.count; ++o) {
    for (int64_t i = 0; i < in.count; ++i) {
      const float* from = values + (i * out.count + o) * kPhases;
      packed_.insert(packed_.end(), from, from + kPhases);
    }
  }
}

void Upsample::run(Context& context) const {
  const Planes input = context.planes(in), output = context.planes(out);
  const int64_t ranges = (input.rows + kUpsampleRows - 1) / kUpsampleRows;
  run_with_sums(context, ranges, 1, out.count, [&](int64_t range, int64_t, double* parts) {
    const int64_t end = std::min((range + 1) * kUpsampleRows, input.rows);
    for (int64_t row = range * kUpsampleRows; row < end; ++row) {
      for (int64_t o = 0; o < out.count; ++o) {
        double* part = parts + 2 * o;
        context.kernels.upsample_row({input.row(0, row), in.count, input.plane_floats(),
                                      input.columns, packed_.data() + o * in.count * kPhases,
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

UpsampleGradient::UpsampleGradient(const View& gradient, const View& to, const View& input,
                                   std::string weights, int64_t at)
    : Operation(gradient, to), input_(input), weights_(std::move(weights)), at_(at) {}

void UpsampleGradient::load(const Weights& weights) {
  const float* values = weights(weights_);
  packed_.assign(values, values + out.count * in.count * kPhases);
}

/// Input rows from `begin` to before `end`: the four pixels that came of one, and that one, lie in
/// planes of one size, whose columns behind the last are zero.
void UpsampleGradient::compute(Context& context, int64_t begin, int64_t end, float* part) const {
  const Kernels& kernels = context.kernels;
  const Planes gradient = context.planes(in), to = context.planes(out);
  const Planes input = context.planes(input_);
  const int64_t stride = to.stride(), positions = (end - begin) * stride;
  const int64_t plane = round_up(positions, 16) + 16;
  float* phases = scratch(Scratch::kWork, in.count * kPhases * plane);
  for (int64_t row = begin; row < end; ++row) {
    for (int64_t o = 0; o < in.count; ++o) {
      for (const int64_t lower : {0, 1}) {
        float* even = phases + (o * kPhases + 2 * lower) * plane + (row - begin) * stride;
        kernels.split_row(gradient.row(o, 2 * row + lower), even, even + plane, to.columns);
        even[to.columns] = even[plane + to.columns] = 0;
      }
    }
  }
  for (int64_t i = 0; i < out.count; ++i) {
    kernels.combine_row(phases, in.count * kPhases, plane, packed_.data() + i * in.count * kPhases,
                        0, 1, 0, to.row(i, begin), positions);
  }
  // Of three inputs at a time while there are: sums[tap][input].
  for (int64_t i = 0; i < out.count;) {
    const int64_t xs = out.count - i >= 3 ? 3 : 1;
    for (int64_t o = 0; o < in.count; ++o) {
      float sums[kPhases * 3] = {};
      const Products products{input.row(i, begin),
                              input.plane_floats(),
                              phases + o * kPhases * plane,
                              plane,
                              positions,
                              sums};
      if (xs == 3) {
        kernels.products3[kPhases](products);
      } else {
        for (int64_t tap = 0; tap < kPhases; ++tap) {
          kernels.products1(
              {products.x, 0, products.y + tap * plane, 0, positions, sums + 3 * tap});
        }
      }
      for (int64_t x = 0; x < xs; ++x) {
        for (int64_t tap = 0; tap < kPhases; ++tap)
          part[((i + x) * in.count + o) * kPhases + tap] += sums[3 * tap + x];
      }
    }
    i += xs;
  }
}

void UpsampleGradient::run(Context& context) const {
  const int64_t rows = context.planes(out).rows,
                chunks = (rows + kUpsampleRows - 1) / kUpsampleRows;
  const int64_t ranges = std::min<int64_t>(chunks, 16), floats = out.count * in.count * kPhases;
  const float* sums =
      sum_over_ranges(context, ranges, 1, floats, [&](int64_t range, int64_t, float* part) {
        const int64_t end = (range + 1) * chunks / ranges;
        for (int64_t chunk = range * chunks / ranges; chunk < end; ++chunk)
          compute(context, chunk * kUpsampleRows, std::min((chunk + 1) * kUpsampleRows, rows),
                  part);
      });
  std::copy_n(sums, floats, context.memory.gradients + at_);
}

double UpsampleGradient::flops(const std::vector<Buffer>& buffers) const {
  const Planes& planes = planes_of(buffers, out);
  return 16.0 * static_cast<double>(planes.rows * planes.columns * in.count * out.count);
}

}  // namespace reconproof::baseline::engine
