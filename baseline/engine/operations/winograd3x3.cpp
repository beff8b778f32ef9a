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
/// The same for gradients, of all points.
constexpr int64_t kGradientSet = 1 << 16;

/// An odd number of cache lines: planes and points then begin in different sets of the caches.
int64_t spread(int64_t floats) { return (floats / kLine + 1) / 2 * 2 * kLine + kLine; }

/// A point, and what the sum over powers of it is divided by.
struct Point {
  double x, divisor;
};

constexpr std::array<Point, 4> finite_points() {
  constexpr double p = kWinogradP, q = kWinogradQ;
  const auto at = [](double x, double other) {
    return Point{x, 2 * x * x * (x * x - other * other)};
  };
  return {at(p, q), at(-p, q), at(q, p), at(-q, p)};
}
constexpr double kAtZero = kWinogradP * kWinogradP * kWinogradQ * kWinogradQ;

/// What three weights of a column become, one for each point.
std::array<double, kWinogradPoints> at_points(double first, double second, double third) {
  std::array<double, kWinogradPoints> values = {first / kAtZero};
  size_t point = 1;
  for (const auto& [x, divisor] : finite_points())
    values[point++] = (first + x * second + x * x * third) / divisor;
  values[point] = third;
  return values;
}

/// The transpose: what the gradients at the points become.
std::array<double, 3> from_points(const std::array<double, kWinogradPoints>& values) {
  std::array<double, 3> rows = {values[0] / kAtZero, 0, values[kWinogradPoints - 1]};
  size_t point = 1;
  for (const auto& [x, divisor] : finite_points()) {
    const double share = values[point++] / divisor;
    rows[0] += share;
    rows[1] += x * share;
    rows[2] += x * x * share;
  }
  return rows;
}

/// The points of each input channel, for output rows from `begin` on in groups of four.
void input_points(const Kernels& kernels, const Planes& input, int64_t begin, int64_t groups,
                  const WinogradRows& points) {
  const int64_t stride = input.stride();
  for (int64_t i = 0; i < input.count; ++i) {
    for (int64_t point = 0; point < kWinogradPoints; ++point) points.row(point, i)[-1] = 0;
    for (int64_t group = 0; group < groups; ++group) {
      const float* rows[kWinogradPoints];
      for (int64_t k = 0; k < kWinogradPoints; ++k)
        rows[k] = input.row(i, std::min(begin + kWinogradRows * group + k - 1, input.rows));
      kernels.winograd_input(rows, points.row(0, i) + group * stride, points.point, stride);
    }
    // Read beyond the last position, where gradients are 0; what lies there could be infinite.
    for (int64_t point = 0; point < kWinogradPoints; ++point)
      points.row(point, i)[groups * stride] = 0;
  }
}

}  // namespace

bool Winograd3x3::is_faster(int64_t inputs, int64_t outputs) {
  // Four rows take 36 products the direct way and 18 this way, and sums for each channel.
  return 9 * inputs * outputs > 15 * inputs + 18 * outputs;
}

Winograd3x3::Winograd3x3(const View& input, const View& output, ConvolutionWeights weights,
                         const Kernels& kernels)
    : Operation(input, output),
      weights_(std::move(weights)),
      blocks_(channel_blocks(output.count, kernels)) {}

void Winograd3x3::load(const Weights& weights) {
  const std::vector<float> values = weights_.read(weights, in.count, out.count);
  const int64_t of_point = in.count * kColumns * out.count;
  packed_.resize(static_cast<size_t>(kWinogradPoints * of_point));
  float* to = packed_.data();
  for (const auto& [channel, size] : blocks_) {
    for (int64_t i = 0; i < in.count; ++i) {
      for (int64_t column = 0; column < kColumns; ++column) {
        for (int64_t o = channel; o < channel + size; ++o, ++to) {
          const float* from = values.data() + (o * in.count + i) * kColumns * 3 + column;
          const auto at = at_points(static_cast<double>(from[0]), static_cast<double>(from[3]),
                                    static_cast<double>(from[6]));
          for (size_t point = 0; point < kWinogradPoints; ++point)
            to[static_cast<int64_t>(point) * of_point] = static_cast<float>(at[point]);
        }
      }
    }
  }
}

/// The 1x3 convolutions of every point.
void Winograd3x3::convolve(const Kernels& kernels, const WinogradRows& points,
                           const WinogradRows& results, int64_t positions) const {
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
  float* memory = scratch(Scratch::kWork, kWinogradPoints * (of_points + of_results));
  const WinogradRows points{memory + kLine, plane, of_points};
  const WinogradRows results{memory + kLine + kWinogradPoints * of_points, plane, of_results};
  input_points(context.kernels, input, begin, groups, points);
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

Winograd3x3Gradient::Winograd3x3Gradient(const View& input, const View& gradient, int64_t at,
                                         const Kernels& kernels)
    : Operation(input, gradient), at_(at), blocks_(channel_blocks(gradient.count, kernels)) {}

void Winograd3x3Gradient::compute(Context& context, int64_t begin, int64_t end, Blocks blocks,
                                  float* part) const {
  const Kernels& kernels = context.kernels;
  const Planes input = context.planes(in), gradient = context.planes(out);
  const int64_t stride = gradient.stride();
  const int64_t groups = (end - begin + kWinogradRows - 1) / kWinogradRows;
  const int64_t first = blocks_[blocks.first].channel;
  const int64_t channels = blocks_[blocks.last - 1].channel + blocks_[blocks.last - 1].size - first;
  const int64_t plane = spread(2 * kLine + groups * stride);
  const int64_t of_points = spread(in.count * plane), of_gradients = spread(channels * plane);
  float* memory = scratch(Scratch::kWork, kWinogradPoints * (of_points + of_gradients));
  const WinogradRows points{memory + kLine, plane, of_points};
  const WinogradRows gradients{memory + kLine + kWinogradPoints * of_points, plane, of_gradients};
  input_points(kernels, input, begin, groups, points);
  for (int64_t o = 0; o < channels; ++o) {
    for (int64_t group = 0; group < groups; ++group) {
      const float* rows[kWinogradRows];
      for (int64_t k = 0; k < kWinogradRows; ++k)
        rows[k] =
            gradient.row(first + o, std::min(begin + kWinogradRows * group + k, gradient.rows));
      kernels.winograd_spread(rows, gradients.row(0, o) + group * stride, of_gradients, stride);
    }
  }
  for (int64_t point = 0; point < kWinogradPoints; ++point) {
    for (size_t b = blocks.first; b < blocks.last; ++b) {
      const auto& [channel, size] = blocks_[b];
      float* sums = part + (point * out.count + channel) * in.count * kColumns;
      for (int64_t i = 0; i < in.count; ++i, sums += size * kColumns) {
        kernels.products3[size]({points.row(point, i) - 1, 1, gradients.row(point, channel - first),
                                 plane, groups * stride, sums});
      }
    }
  }
}

/// From the sums [points][block][in][block size][3].
void Winograd3x3Gradient::store(const float* sums, float* to) const {
  const int64_t of_point = out.count * in.count * kColumns;
  for (const auto& [channel, size] : blocks_) {
    for (int64_t i = 0; i < in.count; ++i) {
      for (int64_t o = channel; o < channel + size; ++o) {
        float* weights = to + (o * in.count + i) * kColumns * 3;
        for (int64_t column = 0; column < kColumns; ++column, ++sums) {
          std::array<double, kWinogradPoints> values;
          for (size_t point = 0; point < kWinogradPoints; ++point)
            values[point] = static_cast<double>(sums[static_cast<int64_t>(point) * of_point]);
          const std::array<double, 3> rows = from_points(values);
          for (size_t row = 0; row < rows.size(); ++row)
            weights[static_cast<int64_t>(row) * 3 + column] = static_cast<float>(rows[row]);
        }
      }
    }
  }
}

void Winograd3x3Gradient::run(Context& context) const {
  // A sum over few positions costs as much to bring out of the registers as to add up.
  constexpr int64_t kLeastPositions = 1024, kWantedTasks = 4;
  const Planes planes = context.planes(out);
  const int64_t all_groups = (planes.rows + kWinogradRows - 1) / kWinogradRows;
  const int64_t at_once =
      std::max(kGradientSet / (kWinogradPoints * (in.count + out.count) * planes.stride()),
               (kLeastPositions + planes.stride() - 1) / planes.stride());
  const int64_t chunks = (all_groups + at_once - 1) / at_once;
  const int64_t ranges = std::min(chunks, kMostRanges);
  // Each group of channels brings all inputs to their points anew, which is little where channels
  // are many; but where there are, an image is no more than a range or two.
  const int64_t blocks = std::ssize(blocks_);
  const int64_t groups = std::clamp<int64_t>(kWantedTasks / ranges, 1, blocks);
  const float* sums = sum_over_ranges(
      context, ranges, groups, kWinogradPoints * out.count * in.count * kColumns,
      [&](int64_t range, int64_t group, float* part) {
        const Blocks own{static_cast<size_t>(group * blocks / groups),
                         static_cast<size_t>((group + 1) * blocks / groups)};
        const int64_t end = (range + 1) * chunks / ranges;
        for (int64_t chunk = range * chunks / ranges; chunk < end; ++chunk) {
          compute(context, chunk * at_once * kWinogradRows,
                  std::min((chunk + 1) * at_once * kWinogradRows, planes.rows), own, part);
        }
      });
  store(sums, context.memory.gradients + at_);
}

double Winograd3x3Gradient::flops(const std::vector<Buffer>& buffers) const {
  return conv3x3_flops(buffers, in, out);
}

}  // namespace reconproof::baseline::engine
