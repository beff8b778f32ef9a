// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "challenge/finding.h"
#include "submission/bundle/inventory.h"

namespace reconproof::submission {

/// What the organisers of the bundle's edition ask for, judged by what stands in it; of the code's
/// revision and of weights that cannot be read it says what the team said. Nothing where the
/// edition is not among those of this binary, or meta/submission.json is none.
std::vector<challenge::Finding> judge_handed_in(const Inventory& inventory);

}  // namespace reconproof::submission
