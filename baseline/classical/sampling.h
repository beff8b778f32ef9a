// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Which k-space columns a mask keeps, as the classical methods need it.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "baseline/model/varnet.h"

namespace reconproof::baseline {

/// Sampled columns of `mask` [W] f32 of 0 and 1, ascending; with `sampled` false the others.
std::vector<int64_t> columns_of(const torch::Tensor& mask, bool sampled);

/// The columns that were sampled without a gap around the centre W/2, as many as there are on
/// either side; begin == end where neither the centre nor the column left of it was sampled. The
/// network's `find_acs` repeats the official code, which cuts the range to a symmetric one and
/// never comes out empty: here each column counts, and an ACS that is missing must be seen.
Acs contiguous_acs(const torch::Tensor& mask);

/// The `limit` middle columns of a longer ACS.
Acs middle_of(const Acs& acs, int64_t limit);

}  // namespace reconproof::baseline
