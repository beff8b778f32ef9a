// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a team must watch when it moves from one edition to another.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "challenge/edition.h"
#include "challenge/edition_view.h"

namespace reconproof::challenge {

struct FactChange {
  std::optional<Fact> before, after;  // one is absent when only one edition has the fact

  const Fact& any() const { return after ? *after : *before; }
};

/// A field of a rule: "limit", "severity", "certainty", "text".
struct FieldChange {
  std::string field, before, after;
};

struct RuleChange {
  std::string id;
  std::vector<FieldChange> fields;
};

struct EditionDiff {
  std::vector<FactChange> facts;
  std::vector<Rule> added, dropped;
  std::vector<RuleChange> changed;
  std::vector<std::string> unchanged;  // ids

  bool empty() const {
    return facts.empty() && added.empty() && dropped.empty() && changed.empty();
  }
};

/// Sources and remediations may differ without a change of what is demanded, and are not compared.
EditionDiff diff_editions(const Edition& from, const Edition& to);

/// {schema: "reconproof.rules-diff", schema_version, from, to, facts, rules: {added, dropped,
/// changed, unchanged}}
nlohmann::json to_json(const EditionDiff& diff, const Edition& from, const Edition& to);

}  // namespace reconproof::challenge
