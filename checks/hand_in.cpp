// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/families.h"

namespace reconproof::checks {

challenge::Finding check_hand_in(const Facts& facts, const challenge::Rule& rule) {
  return submission::judge_hand_in(facts.edition, rule, facts.hand_in);
}

}  // namespace reconproof::checks
