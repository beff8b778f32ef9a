// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "baseline/model/backend.h"
#include "formats/array.h"

namespace reconproof::baseline {

/// What is trained, how, and by whom.
struct TrainedNetwork {
  NetworkSizes sizes;
  Execution execution;
  torch::Device device;
  Backend backend = Backend::kLibTorch;
};

/// The most bytes that tensors hold at once in a training step (plan/network_cost.h), or the
/// engine, on a slice of `shape` (coils, H, W), or of networks of the image domain (batch, H, W).
/// Compared with the meter by tests/baseline/plan_test.cpp and gradient_test.cpp.
int64_t training_bytes(const TrainedNetwork& network, const formats::Shape& shape);

/// What to tell when memory ran out: how much is needed, how much is there, and what would fit.
/// `available` may be unknown.
std::string memory_advice(const TrainedNetwork& network, const formats::Shape& shape,
                          std::optional<int64_t> available);

}  // namespace reconproof::baseline
