// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "baseline/model/network.h"
#include "baseline/plan/network_cost.h"
#include "formats/array.h"

namespace reconproof::baseline {

/// The most bytes that tensors hold at once in a training step (plan/network_cost.h) on a slice of
/// `shape` (coils, H, W), or of networks of the image domain (batch, H, W). Compared with the meter
/// by tests/baseline/plan_test.cpp.
int64_t training_bytes(const NetworkSizes& sizes, const Execution& execution,
                       const formats::Shape& shape, DeviceKind device);

/// What to tell when memory ran out: how much is needed, how much is there, and what would fit.
/// `available` may be unknown.
std::string memory_advice(const NetworkSizes& sizes, const Execution& execution,
                          const formats::Shape& shape, std::optional<int64_t> available,
                          DeviceKind device);

}  // namespace reconproof::baseline
