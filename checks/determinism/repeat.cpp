// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/families.h"

namespace reconproof::checks {

using challenge::Finding;
using challenge::make_finding;
using challenge::Rule;
using challenge::Status;

Finding check_repeat(const Facts& facts, const Rule& rule) {
  if (!facts.run.ok()) return unjudged_without_run(facts, rule);
  if (!facts.repeat || !facts.repeat_comparison) {
    return make_finding(facts.edition, rule, Status::kInconclusive,
                        "not judged: no second run was made");
  }
  const WholeRunResult& repeat = *facts.repeat;
  if (!repeat.ok()) {
    Finding finding =
        make_finding(facts.edition, rule, Status::kFail,
                     "the second run of the same command failed: " + failure_text(repeat));
    finding.evidence = last_lines(repeat.output_tail);
    return finding;
  }
  const Comparison& comparison = *facts.repeat_comparison;
  if (comparison.volumes == 0) {
    return make_finding(facts.edition, rule, Status::kInconclusive,
                        "not judged: neither run wrote a reconstruction");
  }
  Finding finding = make_finding(
      facts.edition, rule, comparison.equal ? Status::kPass : Status::kFail,
      comparison.equal ? "two runs gave the same reconstructions, bit for bit"
                       : fmt::format("two runs of the same command differ in {} volumes",
                                     comparison.differences.size()));
  show_differences(comparison, finding);
  return finding;
}

}  // namespace reconproof::checks
