// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/families.h"

namespace reconproof::checks {

using challenge::Finding;
using challenge::make_finding;
using challenge::Rule;
using challenge::Status;

Finding check_threads(const Facts& facts, const Rule& rule) {
  const auto finding = [&](Status status, std::string message) {
    return make_finding(facts.edition, rule, status, std::move(message));
  };
  if (!facts.run.ok()) return unjudged_without_run(facts, rule);
  if (!facts.threads)
    return finding(Status::kInconclusive, "not judged: no run with other threads was made");
  const std::string what =
      fmt::format("with OMP_NUM_THREADS={} in place of {}", facts.threads->threads,
                  facts.threads->usual > 0 ? fmt::format("{}", facts.threads->usual) : "none");
  if (auto open = uncompared(facts, rule, facts.threads->variant, what)) return *open;
  const Comparison& comparison = facts.threads->variant.comparison;
  const double difference = comparison.max_relative.value_or(0);
  const bool kept = comparison.incomparable == 0 && rule.limit && difference <= *rule.limit;
  // Who gives other images on the same machine gives them with other threads too.
  const bool repeats = facts.repeat_comparison && facts.repeat_comparison->equal;
  Finding judged = finding(
      kept      ? Status::kPass
      : repeats ? Status::kFail
                : Status::kInconclusive,
      comparison.equal ? "the same images, bit for bit, " + what
      : kept || repeats
          ? fmt::format("{} of {} volumes differ {}, by at most {:.2g} of a volume's maximum",
                        comparison.differences.size(), comparison.volumes, what, difference)
          : "not judged: the same command gives other images without any change, too");
  if (!kept) show_differences(comparison, judged);
  judged.measured = difference;
  return judged;
}

}  // namespace reconproof::checks
