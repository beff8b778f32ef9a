// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Models that no size of network makes fit, in numbers.
#pragma once

#include <optional>

#include "workflows/plan/plan.h"

namespace reconproof::workflows {

/// Bytes of one layer's attention matrices, float32: every token looks at `window` tokens (all of
/// them without windows), in `heads` heads.
double attention_bytes(double tokens, double window, double heads);

struct ClassLimits {
  std::optional<double> leaderboard_s;  // time limit
  std::optional<double> memory_gib;
  double slices = 0;               // of the leaderboard
  std::optional<Figure> slice_ms;  // of one evaluation of the network
  std::string network, device;     // whose time that is, and where
};

ModelClass diffusion_class(const ClassLimits& limits);
ModelClass transformer_class(const ClassLimits& limits, const formats::Shape& shape);

}  // namespace reconproof::workflows
