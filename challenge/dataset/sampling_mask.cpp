// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/sampling_mask.h"

#include <algorithm>
#include <cmath>

#include "system/error.h"

namespace reconproof::challenge {

using system::Code;
using system::fail;

int64_t acs_columns(const SamplingPattern& pattern, int64_t width) {
  if (pattern.acs) return *pattern.acs;
  return std::llround(0.32 * static_cast<double>(width) /
                      static_cast<double>(pattern.acceleration));
}

std::vector<float> sampling_mask(const SamplingPattern& pattern, int64_t width) {
  const int64_t step = pattern.acceleration;
  if (step < 1 || step > width) {
    fail(Code::kInvalidArgument, "acceleration {}: expected 1 to {}, the number of k-space columns",
         step, width);
  }
  const int64_t acs = acs_columns(pattern, width);
  if (acs < 0 || acs > width) {
    fail(Code::kInvalidArgument,
         "ACS of {} columns: expected 0 to {}, the number of k-space columns", acs, width);
  }
  const int64_t offset = pattern.offset.value_or(step - 1);
  if (offset < 0 || offset >= step) {
    fail(Code::kInvalidArgument, "offset {}: expected 0 to {}, less than the acceleration", offset,
         step - 1);
  }
  std::vector<float> mask(width, 0.0f);
  for (int64_t column = offset; column < width; column += step) mask[column] = 1.0f;
  // The official masks (and fastMRI's) lean to the right when the margin is odd.
  const int64_t pad = (width - acs + 1) / 2;
  std::fill_n(mask.begin() + std::min(pad, width - acs), acs, 1.0f);
  return mask;
}

}  // namespace reconproof::challenge
