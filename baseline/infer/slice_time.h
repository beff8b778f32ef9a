// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// How long a network takes for a slice on this machine's device: what compares devices.
#pragma once

#include <torch/types.h>

#include <cstdint>

#include "baseline/infer/inference.h"

namespace reconproof::baseline {

struct SliceShape {
  int64_t coils = 15, rows = 640, columns = 368;
};

struct SliceTime {
  double median_ms = 0, least_ms = 0, most_ms = 0;
};

/// Times the forward pass, and nothing else, of `slices` slices of random k-space, one after
/// another, after two that are not counted. The input is on the device before the clock starts; the
/// clock stops when the image is on the host.
SliceTime time_slices(const VarnetSizes& sizes, const SliceShape& shape, int64_t slices,
                      torch::Device device, Backend backend);

/// The same of steps of a training: forward pass, loss, backward pass, Adam.
SliceTime time_steps(const VarnetSizes& sizes, const SliceShape& shape, int64_t steps,
                     torch::Device device, Backend backend, bool recompute);

}  // namespace reconproof::baseline
