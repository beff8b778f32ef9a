// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "baseline/engine/kernels.h"

namespace reconproof::baseline::engine {

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

}  // namespace reconproof::baseline::engine
