// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Which k-space columns a challenge volume keeps: every R-th one, and a fully sampled centre (ACS)
// from which coil sensitivities are estimated. "acc4" names the spacing outside the centre (issue
// #316).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace reconproof::challenge {

struct SamplingPattern {
  int64_t acceleration = 4;
  std::optional<int64_t> acs = std::nullopt;  // columns of the centre; default: 0.32 W / R, rounded
  std::optional<int64_t> offset = std::nullopt;  // the first kept column; default: R - 1
};

/// Centre columns that the pattern keeps in a matrix of this width.
int64_t acs_columns(const SamplingPattern& pattern, int64_t width);

/// (width,) ones and zeros. kInvalidArgument when the pattern does not fit the width.
std::vector<float> sampling_mask(const SamplingPattern& pattern, int64_t width);

}  // namespace reconproof::challenge
