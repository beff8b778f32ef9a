// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/families.h"

namespace reconproof::checks {

using challenge::Finding;
using challenge::make_finding;
using challenge::Rule;
using challenge::Status;

std::optional<Finding> uncompared(const Facts& facts, const Rule& rule, const VariantRun& variant,
                                  const std::string& what) {
  if (!variant.run.ok()) {
    // A run that this machine cannot make says nothing of the submission.
    const bool started = variant.run.not_run.empty();
    Finding failed =
        make_finding(facts.edition, rule, started ? Status::kFail : Status::kInconclusive,
                     fmt::format("the run {} failed: {}", what, failure_text(variant.run)));
    failed.evidence = last_lines(variant.run.output_tail);
    return failed;
  }
  if (variant.comparison.volumes > 0) return std::nullopt;
  return make_finding(facts.edition, rule, Status::kInconclusive,
                      "not judged: no run wrote a reconstruction");
}

namespace {

/// `what`: how the inputs differed, as the end of a sentence.
Finding judge_variant(const Facts& facts, const Rule& rule,
                      const std::optional<VariantRun>& variant, const std::string& what) {
  const auto finding = [&](Status status, std::string message) {
    return make_finding(facts.edition, rule, status, std::move(message));
  };
  if (!facts.run.ok()) return unjudged_without_run(facts, rule);
  if (!variant) return finding(Status::kInconclusive, "not judged: there was no run " + what);
  if (auto open = uncompared(facts, rule, *variant, what)) return *open;
  const Comparison& comparison = variant->comparison;
  if (comparison.equal) return finding(Status::kPass, "the same images, bit for bit, " + what);
  // Who gives other images on the same inputs gives them on renamed ones too: that is another rule.
  const bool repeats = facts.repeat_comparison && facts.repeat_comparison->equal;
  Finding differs =
      finding(repeats ? Status::kFail : Status::kInconclusive,
              repeats ? fmt::format("{} volumes differ {}", comparison.differences.size(), what)
                      : "not judged: the same command gives other images without any "
                        "change, too");
  show_differences(comparison, differs);
  return differs;
}

}  // namespace

Finding check_file_names(const Facts& facts, const Rule& rule) {
  return judge_variant(facts, rule, facts.renamed, "with random file names in another order");
}

Finding check_cell_folders(const Facts& facts, const Rule& rule) {
  if (facts.edition.cells.size() < 2)
    return make_finding(facts.edition, rule, Status::kNotApplicable, "there is only one folder");
  return judge_variant(facts, rule, facts.exchanged,
                       "with the files of each folder in another one");
}

Finding check_poisoned_labels(const Facts& facts, const Rule& rule) {
  if (facts.run.ok() && !facts.poisoned && !facts.poisoned_absent_reason.empty()) {
    return make_finding(facts.edition, rule, Status::kInconclusive,
                        "not judged: " + facts.poisoned_absent_reason);
  }
  return judge_variant(facts, rule, facts.poisoned,
                       "with wrong labels, boxes and maxima in the image files' place");
}

}  // namespace reconproof::checks
