// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Slices of a data set that show the same, though their values differ.
#pragma once

#include <vector>

#include "checks/data/set_check.h"

namespace reconproof::checks {

/// Warnings: of each label the likest one of another volume, when it is a copy by the measure of
/// near_duplicates.h. Exact copies are left to check_sets.
/// `threads` 0: one a core.
std::vector<DataFault> find_near_copies(const std::vector<SetVolume>& volumes, int threads);

}  // namespace reconproof::checks
