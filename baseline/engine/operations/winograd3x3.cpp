// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/operations/winograd3x3.h"

#include <algorithm>
#include <array>

namespace reconproof::baseline::engine {
namespace {

constexpr int64_t kColumns = 3;  // of the kernel
constexpr int64_t kLine = 16;    // floats of a cache line, and of the largest vector
/// Floats of a row of points and results of all channels that are worked on together: they stay in
/// the second cache.
constexpr int64_t kWorkingSet = 1 << 14;

/// An odd number of cache lines: planes and points then begin in different sets of the caches.
int64_t spread(int64_t floats) { return (floats / kLine + 1) / 2 * 2 * kLine + kLine; }

/// What three weights of a column become, one for each point.
std::array<double, kWinogradPoints> at_points(double first, double second, double third) {
  constexpr double p = kWinogradP, q = kWinogradQ;
  const auto at = [&](double x, double other) {
    return (first + x * second + x * x * third) / (2 * x * x * (x * x - other * other));
  };
  return {first / (p * p * q * q), at(p, q), at(-p, q), at(q, p), at(-q, p), third};
}

/// Memory of a thread, kept from one operation to the next: fresh pages cost more than the sums.
float* scratch(size_t floats) {
  thread_local std::vector<float> kept;
  if (kept.size() < floats) kept.resize(floats);
  return kept.data();
}

}  // namespace

bool Winograd3x3::is_faster(int64_t inputs, int64_t outputs) {
  // Four rows take 36 products the direct way and 18 this way, and sums for each channel.
  return 9 * inputs * outputs > 15 * inputs + 18 * outputs;
}

Winograd3x3::Winograd3x3(const View& input, const View& output, const float* weights,
                         const Kernels& kernels)
    : Operation(input, output), blocks_(channel_blocks(output.count, kernels)) {
  for (size_t point = 0; point < kWinogradPoints; ++point) {
    for (const auto& [channel, size] : blocks_) {
      for (int64_t i = 0; i < in.count; ++i) {
        for (int64_t column = 0; column < kColumns; ++column) {
          for (int64_t o = channel; o < channel + size; ++o) {
            const float* from = weights + (o * in.count + i) * kColumns * 3 + column;
            packed_.push_back(
                static_cast<float>(at_points(from[0], from[kColumns], from[2 * kColumns])[point]));
          }
        }
      }
    }
  }
}

/// The 1x3 convolutions of every point.
void Winograd3x3::convolve(const Kernels& kernels, const Rows& points, const Rows& results,
                           int64_t positions) const {
  const float* weights = packed_.data();
  for (int64_t point = 0; point < kWinogradPoints; ++point) {
    for (const auto& [channel, size] : blocks_) {
      kernels.conv1x3[size]({points.row(point, 0), in.count, points.plane, weights,
                             results.row(point, channel), results.plane, positions});
      weights += in.count * kColumns * size;
    }
  }
}

/// Output rows from `begin` to `end`, fours of them beside each other.
void Winograd3x3::compute(Context& context, int64_t begin, int64_t end, double* parts) const {
  const Planes input = context.planes(in), output = context.planes(out);
  const int64_t stride = output.stride();
  const int64_t groups = (end - begin + kWinogradRows - 1) / kWinogradRows;
  // One float in front is read, and whole vectors are written.
  const int64_t plane = spread(2 * kLine + groups * stride);
  const int64_t of_points = spread(in.count * plane), of_results = spread(out.count * plane);
  float* memory = scratch(static_cast<size_t>(kWinogradPoints * (of_points + of_results)));
  const Rows points{memory + kLine, plane, of_points};
  const Rows results{memory + kLine + kWinogradPoints * of_points, plane, of_results};
  for (int64_t i = 0; i < in.count; ++i) {
    for (int64_t point = 0; point < kWinogradPoints; ++point) points.row(point, i)[-1] = 0;
    for (int64_t group = 0; group < groups; ++group) {
      const float* rows[kWinogradPoints];
      for (int64_t k = 0; k < kWinogradPoints; ++k)
        rows[k] = input.row(i, std::min(begin + kWinogradRows * group + k - 1, input.rows));
      context.kernels.winograd_input(rows, points.row(0, i) + group * stride, of_points, stride);
    }
  }
  convolve(context.kernels, points, results, groups * stride);
  for (int64_t o = 0; o < out.count; ++o) {
    context.kernels.winograd_output({results.row(0, o), of_results, output.row(o, begin),
                                     end - begin, output.columns, stride, parts + 2 * o,
                                     parts + 2 * o + 1});
  }
}

void Winograd3x3::run(Context& context) const {
  const Planes planes = context.planes(out);
  const int64_t channels = in.count + out.count;
  const int64_t rows_at_once =
      kWinogradRows * std::max<int64_t>(kWorkingSet / (channels * planes.stride()), 1);
  const int64_t chunks = (planes.rows + rows_at_once - 1) / rows_at_once;
  const int64_t ranges = std::min(chunks, kMostRanges);
  run_with_sums(context, ranges, 1, out.count, [&](int64_t range, int64_t, double* parts) {
    const int64_t begin = range * chunks / ranges, end = (range + 1) * chunks / ranges;
    for (int64_t chunk = begin; chunk < end; ++chunk) {
      compute(context, chunk * rows_at_once, std::min((chunk + 1) * rows_at_once, planes.rows),
              parts);
    }
  });
}

double Winograd3x3::flops(const std::vector<Buffer>& buffers) const {
  return conv3x3_flops(buffers, in, out);
}

}  // namespace reconproof::baseline::engine
