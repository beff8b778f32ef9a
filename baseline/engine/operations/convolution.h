// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What both ways to compute a 3x3 convolution, and both to compute the gradient of its weights,
// share.
#pragma once

#include <cstdint>
#include <vector>

#include "baseline/engine/operation.h"

namespace reconproof::baseline::engine {

/// Tasks into which a convolution is cut at most along its image.
inline constexpr int64_t kMostRanges = 64;

/// Output channels that a convolution computes together.
struct ChannelBlock {
  int64_t channel;  // first one
  int size;
};

/// As many as the registers hold in a block, all blocks about alike.
inline std::vector<ChannelBlock> channel_blocks(int64_t channels, const Kernels& kernels) {
  int most = kMostBlock;
  while (!kernels.conv3x3[most]) --most;
  const int64_t count = (channels + most - 1) / most;
  std::vector<ChannelBlock> blocks;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t first = channels * i / count, next = channels * (i + 1) / count;
    blocks.push_back({first, static_cast<int>(next - first)});
  }
  return blocks;
}

/// The weights [outputs][inputs][3][3] of a layer, or, to bring gradients from its outputs to its
/// inputs, turned round: [inputs][outputs], taps from the last to the first.
struct ConvolutionWeights {
  std::string name;
  bool turned = false;

  /// As the convolution that is computed has them.
  std::vector<float> read(const Weights& weights, int64_t inputs, int64_t outputs) const {
    constexpr int64_t kTaps = 9;
    const float* from = weights(name);
    if (!turned) return {from, from + outputs * inputs * kTaps};
    std::vector<float> values;
    values.reserve(static_cast<size_t>(outputs * inputs * kTaps));
    for (int64_t o = 0; o < outputs; ++o) {
      for (int64_t i = 0; i < inputs; ++i) {
        for (int64_t tap = kTaps - 1; tap >= 0; --tap)
          values.push_back(from[(i * outputs + o) * kTaps + tap]);
      }
    }
    return values;
  }
};

/// Of the direct way.
inline double conv3x3_flops(const std::vector<Buffer>& buffers, const View& in, const View& out) {
  const Planes& planes = planes_of(buffers, out);
  return 18.0 * static_cast<double>(planes.rows * planes.columns) *
         static_cast<double>(in.count * out.count);
}

}  // namespace reconproof::baseline::engine
