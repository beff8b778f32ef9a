// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A submission that keeps every rule, on a machine that has the official GPU: what tests of rules
// break in one place.
#pragma once

#include <string>

#include "checks/facts.h"

namespace reconproof::checks {

Facts clean_facts(const std::string& edition_id = "snu-2025");

/// Six watched updates on a CPU; another seed gives other weights, losses and gradients.
TrainingRun clean_training(int seed);

/// Gives the score's finding of a rule another status.
void set_score_finding(Facts& facts, const char* rule_id, challenge::Status status);

/// The finding of a rule; throws when the edition has no such rule.
challenge::Finding judged(const Facts& facts, const std::string& rule_id);

}  // namespace reconproof::checks
