// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/families.h"

namespace reconproof::checks {

using challenge::Finding;
using challenge::make_finding;
using challenge::Rule;
using challenge::Status;

namespace {

/// What float32 arithmetic in another order makes of an image, in parts of its maximum; as
/// repeat.threads allows.
constexpr double kRounding = 1e-4;

/// How large a difference is tells what makes it.
std::string difference_text(const Comparison& comparison) {
  const std::string volumes = fmt::format("two runs of the same command differ in {} of {} volumes",
                                          comparison.differences.size(), comparison.volumes);
  if (comparison.incomparable > 0 || !comparison.max_relative) return volumes;
  return fmt::format(
      "{}, by at most {:.2g} of a volume's maximum: {}", volumes, *comparison.max_relative,
      *comparison.max_relative <= kRounding ? "rounding, as kernels make that are not deterministic"
                                            : "more than rounding, as of draws without a seed");
}

}  // namespace

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
  Finding finding =
      make_finding(facts.edition, rule, comparison.equal ? Status::kPass : Status::kFail,
                   comparison.equal ? "two runs gave the same reconstructions, bit for bit"
                                    : difference_text(comparison));
  show_differences(comparison, finding);
  return finding;
}

}  // namespace reconproof::checks
