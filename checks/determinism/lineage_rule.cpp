// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <functional>

#include "checks/families.h"

namespace reconproof::checks {

using challenge::Finding;
using challenge::make_finding;
using challenge::Rule;
using challenge::Status;

namespace {

/// Heads go into the record of the check: a ledger that is written anew later has another one.
std::vector<std::string> heads_of(const Lineage& lineage) {
  std::vector<std::string> heads;
  for (const LedgerTrace& ledger : lineage.ledgers) {
    heads.push_back(fmt::format("{}: head {} ({} lines{})", ledger.path.string(), ledger.head,
                                ledger.lines, ledger.ended ? "" : ", no end"));
  }
  return heads;
}

/// Everything that is wrong with the ledgers and with what the weights state of themselves.
std::vector<std::string> all_problems(const Lineage& lineage) {
  std::vector<std::string> problems = lineage.problems;
  for (const LedgerTrace& ledger : lineage.ledgers) {
    if (!ledger.broken.empty()) problems.push_back(ledger.broken);
    problems.insert(problems.end(), ledger.problems.begin(), ledger.problems.end());
  }
  return problems;
}

Finding judge_lineage(const Facts& facts, const Rule& rule, const Lineage& lineage) {
  const auto finding = [&](Status status, std::string message, std::vector<std::string> evidence) {
    Finding made = make_finding(facts.edition, rule, status, std::move(message));
    made.evidence = std::move(evidence);
    return made;
  };
  if (lineage.ledgers.empty()) {
    return finding(lineage.declared ? Status::kInconclusive : Status::kNotApplicable,
                   lineage.absent_reason, {});
  }
  const std::vector<std::string> problems = all_problems(lineage);
  if (!problems.empty()) {
    return finding(Status::kFail,
                   fmt::format("the ledger is of no one training: {}", problems.front()), problems);
  }
  if (!lineage.unread_reason.empty()) {
    return finding(Status::kInconclusive,
                   "not judged: the weights cannot be read as tensors: " + lineage.unread_reason,
                   heads_of(lineage));
  }
  if (lineage.origins.empty()) {
    return finding(Status::kFail,
                   fmt::format("no ledger leads to the weights {} ({}...)", lineage.weights,
                               lineage.weights_sha256.substr(0, 12)),
                   heads_of(lineage));
  }
  if (lineage.origins.front().iteration == 0) {
    return finding(Status::kFail,
                   fmt::format("the weights {} are those with which the ledger begins: they were "
                               "not trained",
                               lineage.weights),
                   heads_of(lineage));
  }
  return finding(Status::kPass,
                 fmt::format("an unbroken ledger leads to the weights ({}); that its steps were "
                             "taken, a replay shows (reconproof ledger replay)",
                             origin_text(lineage)),
                 heads_of(lineage));
}

}  // namespace

/// Of several models the worst is told; of the others, what is not a pass.
Finding check_lineage(const Facts& facts, const Rule& rule) {
  if (facts.lineages.empty())
    return make_finding(facts.edition, rule, Status::kInconclusive,
                        "not judged: nothing looked for ledgers");
  std::vector<Finding> findings;
  for (const Lineage& lineage : facts.lineages)
    findings.push_back(judge_lineage(facts, rule, lineage));
  const auto grave = [](const Finding& finding) { return gravity(finding.status); };
  std::ranges::stable_sort(findings, std::ranges::greater(), grave);
  Finding worst = findings.front();
  for (size_t i = 1; i < findings.size(); ++i) {
    if (grave(findings[i]) > 0) worst.evidence.push_back(findings[i].message);
  }
  return worst;
}

}  // namespace reconproof::checks
