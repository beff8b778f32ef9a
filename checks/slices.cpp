// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The slice contract: how long a slice takes, and whether all of its work is done while the clock
// runs.
#include <algorithm>

#include "checks/families.h"
#include "checks/measure/slice_times.h"
#include "system/terminal.h"

namespace reconproof::checks {

using challenge::Finding;
using challenge::make_finding;
using challenge::Rule;
using challenge::Status;

namespace {

constexpr double kBusyCores = 0.15;

std::string volume_text(const VolumeTimes& volume) { return volume.cell + "/" + volume.name; }

/// What stands in the way of judging slices; nothing when they were measured.
std::optional<Finding> unmeasured(const Facts& facts, const Rule& rule, bool hardened) {
  const auto finding = [&](std::string message) {
    return make_finding(facts.edition, rule, Status::kInconclusive, std::move(message));
  };
  if (!facts.project.reconstruct_step || facts.project.reconstruct_step->contract != "slice") {
    Finding undeclared = finding("not measured: the command was run as a whole");
    undeclared.remediation =
        "Declare contract = \"slice\" under [steps.reconstruct], with a command that runs "
        "recon_eval.py.";
    return undeclared;
  }
  if (!facts.run.ok()) return unjudged_without_run(facts, rule);
  if (!facts.slices) return finding("not measured: no slice was asked for");
  if (!hardened || (facts.hardened && facts.hardened->run.ok())) return std::nullopt;
  const std::string why = facts.hardened ? failure_text(facts.hardened->run) : "it was not made";
  Finding failed = finding("not judged: slices asked for in random order: " + why);
  if (facts.hardened) {
    failed.evidence = last_lines(facts.hardened->run.output_tail);
    // Whoever answers recon_eval.py's way of asking only does not keep the contract.
    if (facts.hardened->run.not_run.empty()) failed.status = Status::kFail;
  }
  return failed;
}

Status against_limit(const Rule& rule, double measured) {
  return rule.limit && measured > *rule.limit ? Status::kFail : Status::kPass;
}

Finding judged(const Facts& facts, const Rule& rule, Status status, double measured,
               std::string message) {
  Finding finding = make_finding(facts.edition, rule, status, std::move(message));
  finding.measured = measured;
  return finding;
}

std::string ms(double value) { return fmt::format("{:.1f} ms", value); }

}  // namespace

Finding check_time_slice(const Facts& facts, const Rule& rule) {
  if (auto open = unmeasured(facts, rule, true)) return *open;
  const SliceStatistics times = statistics(facts.slices->hardened);
  std::string took = fmt::format(
      "{} a slice on average until its image is there (median {}, 95 % within {}), {} "
      "as recon_eval.py asks, for {} slices",
      ms(times.mean_ms), ms(times.median_ms), ms(times.p95_ms),
      ms(statistics(facts.slices->official).mean_ms), times.slices);
  Status status = against_limit(rule, times.mean_ms);
  if (!has_official_gpu(facts)) {
    status = Status::kInconclusive;
    took +=
        fmt::format(", but not on a {}; {}", facts.edition.official_gpu, prediction_text(facts));
  }
  return judged(facts, rule, status, times.mean_ms, took);
}

Finding check_slow_volume(const Facts& facts, const Rule& rule) {
  if (auto open = unmeasured(facts, rule, false)) return *open;
  double slowest = 0;
  std::vector<std::string> slow;
  for (const VolumeTimes& volume : facts.slices->official) {
    const double seconds = statistics({volume}).total_s;
    slowest = std::max(slowest, seconds);
    if (rule.limit && seconds > *rule.limit)
      slow.push_back(volume_text(volume) + ": " + system::duration_text(seconds));
  }
  Status status = against_limit(rule, slowest);
  if (status == Status::kFail && !has_official_gpu(facts)) status = Status::kInconclusive;
  Finding finding = judged(facts, rule, status, slowest,
                           "the slowest volume took " + system::duration_text(slowest) +
                               " of recon_slice on this machine");
  finding.evidence = slow;
  return finding;
}

Finding check_in_clock(const Facts& facts, const Rule& rule) {
  if (auto open = unmeasured(facts, rule, true)) return *open;
  const double official = statistics(facts.slices->official).mean_ms;
  const double hardened = statistics(facts.slices->hardened).mean_ms;
  const double declared = statistics(facts.slices->official, true).mean_ms;
  const double late = gap_percent(official, hardened), own = gap_percent(declared, official);
  std::string message = fmt::format(
      "a slice took {} as recon_eval.py asks, {} until its image was there, in random order after "
      "another warm-up",
      ms(official), ms(hardened));
  if (own > late) {
    message = fmt::format("the command's own clock says {} a slice where ours says {}",
                          ms(declared), ms(official));
  }
  const double gap = std::max(late, own);
  Status status = against_limit(rule, gap);
  // What a busy or unsteady machine does is no fault of the submission.
  const bool doubtful = status == Status::kFail && gap < kGapBeyondDoubt * *rule.limit;
  if (doubtful && facts.slices->busy_cores > kBusyCores) {
    status = Status::kInconclusive;
    message += fmt::format(
        "; but other programs kept {:.1f} processors busy: check again on an idle machine",
        facts.slices->busy_cores);
  } else if (doubtful && late > own && facts.slices->spread_percent >= late) {
    status = Status::kInconclusive;
    message += fmt::format(
        "; but runs that asked in the same way differed by {:.0f} %: check again on a machine "
        "that is as fast at one time as at another",
        facts.slices->spread_percent);
  }
  Finding finding = judged(facts, rule, status, gap, message);
  if (!facts.slices->held_by.empty()) {
    finding.evidence.push_back("between two requests its processes stood still (" +
                               facts.slices->held_by + ")");
  }
  return finding;
}

Finding check_prep_volume(const Facts& facts, const Rule& rule) {
  if (auto open = unmeasured(facts, rule, true)) return *open;
  const auto& volumes = facts.slices->hardened;
  const auto slowest = std::ranges::max_element(volumes, {}, prep_ms_per_mb);
  if (slowest == volumes.end())
    return make_finding(facts.edition, rule, Status::kInconclusive, "there was no volume");
  const double cost = prep_ms_per_mb(*slowest);
  std::vector<std::string> computed_before;
  for (const VolumeTimes& volume : volumes) {
    if (!volume.computed_before) continue;
    computed_before.push_back(
        fmt::format("{}: {} arrays of what prep_volume returned held the input",
                    volume_text(volume), volume.altered));
  }
  if (!computed_before.empty()) {
    Finding finding = judged(facts, rule, Status::kFail, cost,
                             "recon_slice gave the same image after the loaded input had been "
                             "changed: the image was made before, or kept");
    finding.evidence = computed_before;
    return finding;
  }
  return judged(
      facts, rule, against_limit(rule, cost), cost,
      fmt::format("prep_volume took up to {:.2f} ms for each MB that it loads ({}: {} by the "
                  "clock, {} of all processors, {:.1f} MB)",
                  cost, volume_text(*slowest), ms(slowest->prep_s * 1e3),
                  ms(slowest->prep_cpu_s * 1e3), static_cast<double>(slowest->bytes) * 1e-6));
}

Finding check_slice_order(const Facts& facts, const Rule& rule) {
  if (auto open = unmeasured(facts, rule, true)) return *open;
  const Comparison& comparison = facts.hardened->comparison;
  if (comparison.equal) {
    return make_finding(facts.edition, rule, Status::kPass,
                        "the same images, bit for bit, in random order after another warm-up");
  }
  const auto differs = [](const std::optional<VariantRun>& variant) {
    return variant && (!variant->run.ok() || !variant->comparison.equal);
  };
  const bool repeats = facts.repeat_comparison && facts.repeat_comparison->equal;
  const bool other_cause = differs(facts.renamed) || differs(facts.exchanged) || !repeats;
  Finding finding = make_finding(
      facts.edition, rule, other_cause ? Status::kInconclusive : Status::kFail,
      other_cause ? "not judged: the images also differ for another reason"
                  : fmt::format("{} volumes differ when slices are asked for in random order "
                                "after another warm-up",
                                comparison.differences.size()));
  show_differences(comparison, finding);
  return finding;
}

}  // namespace reconproof::checks
