// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// How long a network takes for a slice on this machine's device: what compares devices.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <optional>

#include "baseline/infer/inference.h"

namespace reconproof::baseline {

struct SliceShape {
  int64_t coils = 15, rows = 640, columns = 368;
};

struct SliceTime {
  double median_ms = 0, least_ms = 0, most_ms = 0;
  std::optional<int64_t> peak_bytes;  // of tensors on the device; nullopt where it is not known
};

/// k-space of noise, sampled as the challenge does: every fourth column and a twelfth in the
/// middle.
NetworkInput random_input(const SliceShape& shape, torch::Device device);

/// Times `count` runs, one after another, after two that are not counted; on a GPU until it is
/// done. The peak of memory is over all of them: what is recorded is allocated in the first.
SliceTime time_runs(int64_t count, torch::Device device, const std::function<void()>& run);

/// Of the forward pass, and nothing else, of random k-space. The input is on the device before the
/// clock starts; the clock stops when the image is on the host.
SliceTime time_slices(const VarnetSizes& sizes, const SliceShape& shape, int64_t slices,
                      torch::Device device, Backend backend);

}  // namespace reconproof::baseline
