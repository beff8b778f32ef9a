// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Does the run fit into the memory of the official GPU?
//
// What is sampled is a lower bound, so that more than the limit is a failure whatever else the run
// did; less is a pass when the run came to its end. A run that used no GPU says nothing about the
// server, where the same command would find one: it is not judged, as without a GPU.
#include <algorithm>

#include "checks/families.h"

namespace reconproof::checks {

using challenge::Finding;
using challenge::make_finding;
using challenge::Rule;
using challenge::Status;

namespace {

constexpr double kMib = 1 << 20, kGib = 1 << 30;
constexpr double kSmallHeadroomMib = 512;

/// Of the two runs the one that took more; null when neither was measured.
const system::GpuUse* larger_use(const Facts& facts) {
  const system::GpuUse* larger = nullptr;
  for (const WholeRunResult* run : {&facts.run, facts.repeat ? &*facts.repeat : nullptr}) {
    if (!run || !run->gpu.measured) continue;
    if (!larger || run->gpu.peak_bytes() > larger->peak_bytes()) larger = &run->gpu;
  }
  return larger;
}

std::string used_text(const system::GpuUse& use) {
  return fmt::format("used at least {:.2f} GiB of {} ({:.1f} GiB), sampled every {:.0f} ms{}",
                     static_cast<double>(use.peak_bytes()) / kGib, use.device,
                     static_cast<double>(use.total_bytes) / kGib, std::max(1.0, use.interval_ms),
                     use.per_process_visible ? "" : " as the whole GPU's use above idle");
}

}  // namespace

Finding check_gpu_memory(const Facts& facts, const Rule& rule) {
  const system::GpuUse* use = larger_use(facts);
  if (!use) {
    return make_finding(facts.edition, rule, Status::kInconclusive,
                        "GPU memory was not measured: " + facts.run.gpu.reason);
  }
  if (!rule.limit) {
    return make_finding(facts.edition, rule, Status::kInconclusive, "the rule names no limit");
  }
  const double gib = static_cast<double>(use->peak_bytes()) / kGib;
  const bool over = gib > *rule.limit;
  if (!over && !facts.run.ok()) return unjudged_without_run(facts, rule);
  std::string message = used_text(*use);
  const double headroom_mib = (*rule.limit - gib) * kGib / kMib;
  if (!over && headroom_mib < kSmallHeadroomMib) {
    message += fmt::format("; only {:.0f} MiB below the limit: it may run out of memory elsewhere",
                           headroom_mib);
  }
  Finding finding =
      make_finding(facts.edition, rule, over ? Status::kFail : Status::kPass, message);
  finding.measured = gib;
  return finding;
}

}  // namespace reconproof::checks
