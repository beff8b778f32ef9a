// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/families.h"

namespace reconproof::checks {

using challenge::Finding;
using challenge::Rule;
using challenge::Status;
using challenge::make_finding;

Finding check_repeat(const Facts& facts, const Rule& rule) {
  if (!facts.run.ok()) return unjudged_without_run(facts, rule);
  if (!facts.repeat_comparison) {
    return make_finding(facts.edition, rule, Status::kInconclusive, "not judged: no second run was made");
  }
  const Comparison& comparison = *facts.repeat_comparison;
  Finding finding = make_finding(
      facts.edition, rule, comparison.equal ? Status::kPass : Status::kFail,
      comparison.equal ? "two runs gave the same reconstructions, bit for bit"
                       : fmt::format("two runs of the same command differ in {} volumes",
                                     comparison.differences.size()));
  finding.evidence = comparison.differences;
  if (comparison.max_difference) {
    finding.measured = *comparison.max_difference;
    finding.unit = "largest absolute difference";
  }
  return finding;
}

}  // namespace reconproof::checks
