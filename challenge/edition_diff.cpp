// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/edition_diff.h"

#include <algorithm>

namespace reconproof::challenge {

using nlohmann::json;

namespace {

std::vector<FactChange> diff_facts(const Edition& from, const Edition& to) {
  const std::vector<Fact> before = edition_facts(from), after = edition_facts(to);
  const auto find = [](const std::vector<Fact>& facts, const std::string& key) {
    const auto found = std::ranges::find(facts, key, &Fact::key);
    return found == facts.end() ? std::nullopt : std::optional(*found);
  };
  std::vector<FactChange> changes;
  for (const Fact& fact : before) {
    const std::optional<Fact> now = find(after, fact.key);
    if (!now || now->value != fact.value) changes.push_back({fact, now});
  }
  for (const Fact& fact : after) {
    if (!find(before, fact.key)) changes.push_back({std::nullopt, fact});
  }
  // What only one of them has comes first: a new cell or anatomy is the larger change.
  std::ranges::stable_sort(changes, {}, [](const FactChange& change) {
    return change.before.has_value() && change.after.has_value();
  });
  return changes;
}

std::vector<FieldChange> diff_rule(const Rule& from, const Rule& to) {
  std::vector<FieldChange> fields;
  const auto compare = [&](const char* field, const std::string& before, const std::string& after) {
    if (before != after) fields.push_back({field, before, after});
  };
  compare("limit", limit_text(from), limit_text(to));
  compare("severity", severity_text(from.severity), severity_text(to.severity));
  compare("certainty", from.certainty, to.certainty);
  compare("text", from.text, to.text);
  return fields;
}

}  // namespace

EditionDiff diff_editions(const Edition& from, const Edition& to) {
  EditionDiff diff;
  diff.facts = diff_facts(from, to);
  for (const Rule& rule : to.rules) {
    const Rule* before = from.find_rule(rule.id);
    if (!before) {
      diff.added.push_back(rule);
      continue;
    }
    std::vector<FieldChange> fields = diff_rule(*before, rule);
    if (fields.empty()) {
      diff.unchanged.push_back(rule.id);
    } else {
      diff.changed.push_back({rule.id, std::move(fields)});
    }
  }
  for (const Rule& rule : from.rules) {
    if (!to.find_rule(rule.id)) diff.dropped.push_back(rule);
  }
  return diff;
}

json to_json(const EditionDiff& diff, const Edition& from, const Edition& to) {
  json facts = json::array(), added = json::array(), dropped = json::array(),
       changed = json::array();
  for (const FactChange& change : diff.facts) {
    facts.push_back({{"key", change.any().key},
                     {"from", change.before ? change.before->value : json()},
                     {"to", change.after ? change.after->value : json()}});
  }
  for (const Rule& rule : diff.added) added.push_back(to_json(rule));
  for (const Rule& rule : diff.dropped) dropped.push_back(to_json(rule));
  for (const RuleChange& change : diff.changed) {
    json fields = json::array();
    for (const FieldChange& field : change.fields)
      fields.push_back({{"field", field.field}, {"from", field.before}, {"to", field.after}});
    changed.push_back({{"id", change.id}, {"fields", fields}});
  }
  return {{"schema", "reconproof.rules-diff"},
          {"schema_version", 1},
          {"from", edition_identity(from)},
          {"to", edition_identity(to)},
          {"facts", facts},
          {"rules",
           {{"added", added},
            {"dropped", dropped},
            {"changed", changed},
            {"unchanged", diff.unchanged}}}};
}

}  // namespace reconproof::challenge
