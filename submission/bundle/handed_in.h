// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "challenge/finding.h"
#include "submission/bundle/inventory.h"
#include "submission/hand_in.h"

namespace reconproof::submission {

/// What stands in a bundle; of the code's revision and of weights that cannot be read, what the
/// team said in meta/submission.json (null: nothing).
HandIn hand_in_of(const Inventory& inventory, const nlohmann::json& submission);

/// What the organisers of the bundle's edition ask for. Nothing where the edition is not among
/// those of this binary.
std::vector<challenge::Finding> judge_handed_in(const nlohmann::json& submission,
                                                const HandIn& hand_in);

}  // namespace reconproof::submission
