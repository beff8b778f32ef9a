// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a network takes for a slice, counted by going through it with shadows of its tensors
// (shadow.h): memory and work, training and inference.
#pragma once

#include <cstdint>

#include "baseline/model/network.h"
#include "baseline/plan/shadow.h"

namespace reconproof::baseline {

/// How the device that is planned for computes convolutions.
struct DeviceKind {
  /// oneDNN copies to layouts of this many channels in a block: 8 with AVX2, 16 with AVX-512. 1: a
  /// GPU, which makes no such copies that LibTorch's memory holds.
  int64_t channel_block = 1;
};

/// Of a device of this machine.
DeviceKind device_kind(torch::Device device);

struct PassCost {
  int64_t peak_bytes = 0;  // of tensors: weights, input and label included
  Work work{};
};

struct NetworkCost {
  int64_t parameters = 0;  // values
  PassCost inference;      // of a slice
  PassCost training;  // of a step: forward, loss, backward, Adam; with gradients and both moments
};

/// `shape`: (coils, H, W) of the k-space, each extent above 0; of networks of the image domain
/// (batch, H, W). `image_size`: of the label.
NetworkCost network_cost(const NetworkSizes& sizes, const Execution& execution,
                         const formats::Shape& shape, int64_t image_size, DeviceKind device);

}  // namespace reconproof::baseline
