// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The random draws of PyTorch's DataLoader, in its order. They come from LibTorch's default
// generator, from which the initial weights were drawn before: one draw more or less, and every
// later epoch differs.
#pragma once

#include <cstdint>
#include <vector>

namespace reconproof::baseline {

/// What starting an iterator over a loader draws: the base seed of its workers, used or not.
void draw_base_seed();

/// A shuffling loader's order of `count` slices for its next epoch, base seed included.
std::vector<int64_t> shuffled_epoch(int64_t count);

}  // namespace reconproof::baseline
