// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a network really takes on this machine's device: what predictions are fitted to, and held
// against.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>

#include "baseline/model/network.h"
#include "formats/array.h"

namespace reconproof::baseline {

struct MeasuredPass {
  double seconds = 0;                 // of the fastest of those that were timed
  std::optional<int64_t> peak_bytes;  // of tensors, all of the network's included; where metered
};

struct MeasuredNetwork {
  MeasuredPass inference;  // a slice
  MeasuredPass training;   // a step: forward, loss, backward, Adam
};

/// Runs both on random values, `repeats` times after one that is not counted. `shape` as that of
/// network_cost. On a CPU with one thread the clock is that thread's own, so that other programs
/// do not lengthen it; else it is the wall clock.
MeasuredNetwork measure_network(const NetworkSizes& sizes, const Execution& execution,
                                const formats::Shape& shape, const ImageGeometry& geometry,
                                torch::Device device, int repeats);

}  // namespace reconproof::baseline
