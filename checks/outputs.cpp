// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/families.h"
#include "system/error.h"

namespace reconproof::checks {

using challenge::Finding;
using challenge::make_finding;
using challenge::Rule;
using challenge::ScoreItem;
using challenge::Status;

void show_differences(const Comparison& comparison, Finding& finding) {
  finding.evidence = comparison.differences;
  if (!comparison.max_difference) return;
  finding.measured = *comparison.max_difference;
  finding.unit = "largest absolute difference";
}

Finding check_scored_layout(const Facts& facts, const Rule& rule) {
  if (!facts.score) return unjudged_without_run(facts, rule);
  for (const Finding& finding : facts.score->findings) {
    if (finding.rule_id == rule.id) return finding;
  }
  system::fail(system::Code::kInternal, "the score says nothing about rule '{}'", rule.id);
}

Finding check_handed_in(const Facts& facts, const Rule& rule) {
  const auto finding = [&](Status status, std::string message) {
    return make_finding(facts.edition, rule, status, std::move(message));
  };
  if (!facts.score) return unjudged_without_run(facts, rule);
  if (!facts.handed_in_comparison || !facts.handed_in) {
    return finding(Status::kInconclusive, "there are no reconstructions in the result folder yet");
  }
  const Comparison& comparison = *facts.handed_in_comparison;
  if (comparison.equal) {
    return finding(Status::kPass, "the result folder holds what the command makes, bit for bit");
  }
  // Another machine or GPU rounds differently: the printed score is what must not change.
  bool same_score = facts.score->complete && facts.handed_in->complete;
  for (const ScoreItem& item : facts.score->items) {
    const ScoreItem* other = facts.handed_in->item(item.name);
    same_score = same_score && other && other->printed == item.printed;
  }
  Finding result =
      same_score
          ? finding(Status::kPass, "not bit for bit, but every score item prints the same digits")
          : finding(Status::kFail, "the command makes other reconstructions than those handed in");
  show_differences(comparison, result);
  return result;
}

Finding check_claims(const Facts& facts, const Rule& rule) {
  if (facts.project.claims.empty()) {
    return make_finding(facts.edition, rule, Status::kNotApplicable,
                        "reconproof.toml claims no score ([claims])");
  }
  if (!facts.score) return unjudged_without_run(facts, rule);
  if (!facts.score->complete) {
    return make_finding(facts.edition, rule, Status::kInconclusive,
                        "not judged: there is no full score");
  }
  std::vector<std::string> wrong;
  for (const auto& [name, claimed] : facts.project.claims) {
    const ScoreItem* item = facts.score->item(name);
    if (!item) {
      wrong.push_back(
          fmt::format("{}: claimed '{}', but the edition has no such item", name, claimed));
      continue;
    }
    if (facts.edition.score.reprinted(claimed) != item->printed) {
      wrong.push_back(fmt::format("{}: claimed '{}', recomputed {}", name, claimed, item->printed));
    }
  }
  Finding finding =
      make_finding(facts.edition, rule, wrong.empty() ? Status::kPass : Status::kFail,
                   wrong.empty() ? "every claimed score was recomputed to the same digits"
                                 : "claimed scores differ from the recomputed ones");
  finding.evidence = wrong;
  return finding;
}

}  // namespace reconproof::checks
