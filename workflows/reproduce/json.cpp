// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/reproduce/json.h"

#include "challenge/score/text.h"
#include "workflows/check/json.h"
#include "workflows/provenance.h"

namespace reconproof::workflows {

using nlohmann::json;

namespace {

json agreement_json(const Agreement& agreement) {
  return {{"tier", tier_text(agreement.tier)},
          {"message", agreement.message},
          {"evidence", agreement.evidence}};
}

json items_json(const std::vector<ItemRow>& rows) {
  const auto digits = [](const std::string& text) { return text.empty() ? json() : json(text); };
  json items = json::array();
  for (const ItemRow& row : rows) {
    items.push_back({{"name", row.name},
                     {"claimed", digits(row.claimed)},
                     {"checked", digits(row.checked)},
                     {"recomputed", digits(row.recomputed)},
                     {"re_executed", digits(row.re_executed)}});
  }
  return items;
}

json comparisons_json(const Reproduction& reproduction) {
  const Comparisons& comparisons = reproduction.comparisons;
  json bundled = agreement_json(comparisons.re_executed_bundled);
  bundled["tolerance"] = {{"relative", reproduction.tolerance.relative},
                          {"applies_to", reproduction.tolerance.applies_to}};
  if (const auto& images = reproduction.images) {
    const auto number = [](const std::optional<double>& value) {
      return value ? json(*value) : json();
    };
    bundled.update({{"volumes", images->volumes},
                    {"identical_files", reproduction.identical_files},
                    {"max_difference", number(images->max_difference)},
                    {"max_relative", number(images->max_relative)},
                    {"largest_at", images->largest_at}});
  }
  json trainings = json::array();
  for (const auto& [name, agreement] : comparisons.trainings) {
    json training = agreement_json(agreement);
    training["name"] = name;
    trainings.push_back(training);
  }
  return {{"recomputed_claimed", agreement_json(comparisons.recomputed_claimed)},
          {"re_executed_bundled", bundled},
          {"re_executed_claimed", agreement_json(comparisons.re_executed_claimed)},
          {"trainings", trainings}};
}

json findings_json(const std::vector<challenge::Finding>& findings) {
  json list = json::array();
  for (const challenge::Finding& finding : findings) list.push_back(challenge::to_json(finding));
  return list;
}

json head_json(const Reproduction& reproduction) {
  return {{"schema", "reconproof.reproduce"},
          {"schema_version", 1},
          {"exit_code", static_cast<int>(reproduction.exit_code)},
          {"bundle", submission::to_json(reproduction.verified)}};
}

}  // namespace

json damage_json(const Reproduction& reproduction) { return head_json(reproduction); }

json reproduction_json(const Reproduction& reproduction, const submission::RestoredBundle& bundle) {
  const checks::Facts& facts = reproduction.facts;
  const auto score_json = [](const auto& score) {
    return score ? challenge::to_json(*score) : json();
  };
  const bool judged = !reproduction.findings.empty();
  json result = head_json(reproduction);
  result.update({{"project", facts.project.name},
                 {"edition", facts.project.edition},
                 {"ruleset", facts.edition.ruleset()},
                 {"verdict", reproduction.comparisons.verdict()},
                 {"points_at", reproduction.comparisons.points_at()},
                 {"items", items_json(item_rows(
                               facts.edition, reproduction.claims,
                               reproduction.recomputed ? &*reproduction.recomputed : nullptr,
                               reproduction.re_executed ? &*reproduction.re_executed : nullptr))},
                 {"comparisons", comparisons_json(reproduction)},
                 {"recomputed", score_json(reproduction.recomputed)},
                 {"re_executed", score_json(reproduction.re_executed)},
                 {"run", reproduction.images || !facts.run.not_run.empty() || facts.run.isolated
                             ? run_json(facts.run)
                             : json()},
                 {"trainings", trainings_json(facts)},
                 {"findings", judged ? findings_json(reproduction.findings) : json()},
                 {"environment", environment_json(facts.host)},
                 {"build", build_json()},
                 {"team",
                  {{"environment", bundle.environment.value("environment", json())},
                   {"build", bundle.environment.value("build", json())},
                   {"ruleset", bundle.findings.value("ruleset", json())},
                   {"findings", findings_json(reproduction.team_findings)}}}});
  return result;
}

}  // namespace reconproof::workflows
