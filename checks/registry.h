// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Which function judges which rule. A new rule is a [[rule]] in an edition's file, a function in
// the file of its family, and a line in registry.cpp.
#pragma once

#include <vector>

#include "challenge/finding.h"
#include "checks/facts.h"

namespace reconproof::checks {

using Check = challenge::Finding (*)(const Facts&, const challenge::Rule&);

/// Null when this version cannot judge the rule.
Check find_check(const std::string& rule_id);

/// One finding for every rule of the edition, in its order; a rule without a check is inconclusive.
std::vector<challenge::Finding> judge(const Facts& facts);

}  // namespace reconproof::checks
