// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Which data were used for what, and what was found when sets were held against each other.
#include <algorithm>

#include "reports/sections/sections.h"

namespace reconproof::reports {
namespace {

bool was_judged(const Report& report, const std::string& rule_id) {
  return std::ranges::any_of(report.check.findings, [&](const challenge::Finding& finding) {
    return finding.rule_id == rule_id && finding.status != challenge::Status::kInconclusive &&
           finding.status != challenge::Status::kNotApplicable;
  });
}

}  // namespace

Section data_section(const Report& report, const Texts& texts) {
  Section section = begin_section("data", texts);
  FactLines facts;
  facts.add(texts("data_train"), shown(report.declared.train), true);
  facts.add(texts("data_val"), shown(report.declared.val), true);
  facts.add(texts("data_leaderboard"), shown(report.declared.leaderboard), true);
  facts.add(texts("data_ledger_hash"), shown(report.training.ledger.data_sha256), true);
  if (report.declared.train.empty()) add_note(section, texts("data_no_train"));
  facts.close(section, texts("data_caption"));
  add_finding_table(section, report, {"data.", "inputs.", "isolation.labels"},
                    texts("data_findings_caption"), texts);
  if (!was_judged(report, "data.manifest")) add_note(section, texts("data_no_manifest"));
  return section;
}

}  // namespace reconproof::reports
