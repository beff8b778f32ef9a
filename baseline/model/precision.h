// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/autocast_mode.h>
#include <torch/types.h>

#include "baseline/model/network.h"

namespace reconproof::baseline {

/// Lets LibTorch compute convolutions in another number format until the end of the scope.
class LowerPrecision {
 public:
  LowerPrecision(Precision precision, torch::Device device);
  ~LowerPrecision();
  LowerPrecision(const LowerPrecision&) = delete;
  LowerPrecision& operator=(const LowerPrecision&) = delete;

 private:
  bool active_;
  torch::Device device_;
};

/// kUnsupported, with what to choose instead, where the device cannot compute in this format.
void require_precision(Precision precision, torch::Device device);

/// "fp32", "fp16", "bf16"; kUsage for anything else.
Precision precision_from_text(const std::string& text);
const char* precision_text(Precision precision);

}  // namespace reconproof::baseline
