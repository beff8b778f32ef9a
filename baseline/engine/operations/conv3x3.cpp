// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/operations/conv3x3.h"

#include <algorithm>

namespace reconproof::baseline::engine {
namespace {

/// Positions for which a task goes through all its channels: their inputs stay in the first caches.
constexpr int64_t kChunk = 2 * kTileMultiple;
/// Tasks into which an operation wants to be cut.
constexpr int64_t kWantedTasks = 32;
constexpr int64_t kTaps = 9;
/// Positions over which products are added up before the sums leave the registers.
constexpr int64_t kGradientChunk = 2048;

}  // namespace

Conv3x3::Conv3x3(const View& input, const View& output, ConvolutionWeights weights,
                 const Kernels& kernels)
    : Operation(input, output),
      weights_(std::move(weights)),
      blocks_(channel_blocks(output.count, kernels)) {}

void Conv3x3::load(const Weights& weights) {
  const std::vector<float> values = weights_.read(weights, in.count, out.count);
  packed_.clear();
  for (const auto& [channel, size] : blocks_) {
    for (int64_t i = 0; i < in.count; ++i) {
      for (int64_t tap = 0; tap < kTaps; ++tap) {
        for (int64_t o = channel; o < channel + size; ++o)
          packed_.push_back(values[static_cast<size_t>((o * in.count + i) * kTaps + tap)]);
      }
    }
  }
}

void Conv3x3::compute(Context& context, int64_t begin, int64_t end, size_t first_block,
                      size_t end_block, double* parts) const {
  const Planes input = context.planes(in), output = context.planes(out);
  std::vector<const float*> from;
  for (int64_t i = 0; i < in.count; ++i) from.push_back(input.row(i, 0));
  const int64_t positions = output.positions(), stride = output.stride();
  for (int64_t chunk = begin; chunk < end; chunk += kChunk) {
    const int64_t chunk_end = std::min(chunk + kChunk, end);
    for (size_t b = first_block; b < end_block; ++b) {
      const ChannelBlock& block = blocks_[b];
      float* to[kMostBlock];
      double sums[kMostBlock] = {}, squares[kMostBlock] = {};
      for (int o = 0; o < block.size; ++o) to[o] = output.row(block.channel + o, 0);
      context.kernels.conv3x3[block.size]({from.data(), in.count, stride,
                                           packed_.data() + block.channel * in.count * kTaps, to,
                                           chunk, chunk_end, sums, squares});
      // What was written between the rows and behind the last one is none of the image.
      const int64_t tile = context.kernels.conv3x3_tile[block.size];
      const int64_t written = chunk + round_up(chunk_end - chunk, tile);
      for (int o = 0; o < block.size; ++o) {
        const auto take_back = [&](int64_t at) {
          const double x = to[o][at];
          sums[o] -= x;
          squares[o] -= x * x;
        };
        for (int64_t at = chunk + output.columns - chunk % stride; at < chunk_end; at += stride)
          take_back(at);
        for (int64_t at = std::max(chunk_end, positions); at < written; ++at) take_back(at);
        parts[2 * (block.channel + o)] += sums[o];
        parts[2 * (block.channel + o) + 1] += squares[o];
      }
    }
  }
}

void Conv3x3::run(Context& context) const {
  const int64_t positions = context.planes(out).positions();
  const int64_t chunks = (positions + kChunk - 1) / kChunk;
  const int64_t ranges = std::min(chunks, kMostRanges);
  const int64_t all_blocks = std::ssize(blocks_);
  const int64_t groups = std::clamp<int64_t>(kWantedTasks / ranges, 1, all_blocks);
  run_with_sums(context, ranges, groups, out.count,
                [&](int64_t range, int64_t group, double* parts) {
                  const int64_t begin = range * chunks / ranges * kChunk;
                  const int64_t end = std::min((range + 1) * chunks / ranges * kChunk, positions);
                  compute(context, begin, end, static_cast<size_t>(group * all_blocks / groups),
                          static_cast<size_t>((group + 1) * all_blocks / groups), parts);
                });
}

double Conv3x3::flops(const std::vector<Buffer>& buffers) const {
  return conv3x3_flops(buffers, in, out);
}

Conv3x3Gradient::Conv3x3Gradient(const View& input, const View& gradient, int64_t at,
                                 const Kernels& kernels)
    : Operation(input, gradient), at_(at), blocks_(channel_blocks(gradient.count, kernels)) {}

void Conv3x3Gradient::compute(Context& context, int64_t begin, int64_t end, float* part) const {
  constexpr int64_t kRows = 3;
  const Planes input = context.planes(in), gradient = context.planes(out);
  for (int64_t chunk = begin; chunk < end; chunk += kGradientChunk) {
    const int64_t count = std::min(kGradientChunk, end - chunk);
    float* sums = part;
    for (const auto& [channel, size] : blocks_) {
      for (int64_t i = 0; i < in.count; ++i) {
        for (int64_t row = 0; row < kRows; ++row, sums += size * 3) {
          context.kernels.products3[size]({input.row(i, row - 1) + chunk - 1, 1,
                                           gradient.row(channel, 0) + chunk,
                                           gradient.plane_floats(), count, sums});
        }
      }
    }
  }
}

void Conv3x3Gradient::run(Context& context) const {
  const int64_t positions = context.planes(out).positions();
  const int64_t chunks = (positions + kGradientChunk - 1) / kGradientChunk;
  const int64_t ranges = std::min(chunks, kMostRanges);
  const float* sums = sum_over_ranges(
      context, ranges, 1, out.count * in.count * kTaps, [&](int64_t range, int64_t, float* part) {
        compute(context, range * chunks / ranges * kGradientChunk,
                std::min((range + 1) * chunks / ranges * kGradientChunk, positions), part);
      });
  float* to = context.memory.gradients + at_;
  for (const auto& [channel, size] : blocks_) {
    for (int64_t i = 0; i < in.count; ++i) {
      for (int64_t row = 0; row < 3; ++row) {
        for (int64_t o = channel; o < channel + size; ++o, sums += 3)
          std::copy_n(sums, 3, to + (o * in.count + i) * kTaps + row * 3);
      }
    }
  }
}

double Conv3x3Gradient::flops(const std::vector<Buffer>& buffers) const {
  return conv3x3_flops(buffers, in, out);
}

}  // namespace reconproof::baseline::engine
