// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// An edition taken apart into named facts and rules, for people and machines: what `rules list`,
// `rules show` and `rules diff` print.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "challenge/edition.h"

namespace reconproof::challenge {

/// Something that an edition fixes besides its rules.
struct Fact {
  std::string key;    // the key of the rule file: "score.metric", "cell.acc4", "anatomy.brain"
  std::string label;  // for people: "metric"
  std::string text;   // for people: "masked-map", may be several lines
  nlohmann::json value;
};

/// Every fact, in a fixed order. Cells and anatomies are facts of their own, so that two editions
/// can be compared one by one.
std::vector<Fact> edition_facts(const Edition& edition);

/// {id, text, text_ko, severity, remediation, remediation_ko, source, certainty, limit, unit}
nlohmann::json to_json(const Rule& rule);

/// {id, title, version, ruleset, sha256}
nlohmann::json edition_identity(const Edition& edition);

/// Identity with {facts: {key: value}, rules: [...]}.
nlohmann::json to_json(const Edition& edition);

/// "3600 s"; empty without a limit.
std::string limit_text(const Rule& rule);

}  // namespace reconproof::challenge
