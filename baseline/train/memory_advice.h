// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "baseline/model/network.h"
#include "formats/array.h"

namespace reconproof::baseline {

/// Estimate of the most bytes that tensors hold at once in a training step on a slice of `shape`
/// (coils, H, W), or of networks of the image domain (batch, H, W): the parameters with gradients
/// and moments, and what autograd keeps of each layer, counted; what the operations on k-space
/// keep, measured (tests/baseline/gradient_test.cpp compares it with the meter).
int64_t training_bytes(const NetworkSizes& sizes, const Execution& execution,
                       const formats::Shape& shape);

/// What to tell when memory ran out: how much is needed, how much is there, and what would fit.
/// `available` may be unknown.
std::string memory_advice(const NetworkSizes& sizes, const Execution& execution,
                          const formats::Shape& shape, std::optional<int64_t> available);

}  // namespace reconproof::baseline
