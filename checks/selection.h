// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Which rules a check was asked to judge (`check --only`, `--skip`).
#pragma once

#include <string>
#include <vector>

#include "challenge/edition.h"

namespace reconproof::checks {

/// Each entry is a rule id, or the beginning of several that ends in a dot: "time.".
struct Selection {
  std::vector<std::string> only;  // empty: every rule
  std::vector<std::string> skip;  // taken away from them

  bool chooses(const std::string& rule_id) const;
};

/// kUsage when an entry matches no rule of the edition (with those that there are), or when no rule
/// is left.
void require_rules(const Selection& selection, const challenge::Edition& edition);

}  // namespace reconproof::checks
