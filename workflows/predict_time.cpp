// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/predict_time.h"

#include "checks/families.h"
#include "checks/measure/pace.h"
#include "checks/measure/slice_times.h"
#include "system/files.h"

namespace reconproof::workflows {

using checks::Facts;

namespace {

constexpr const char* kBaseline = "reconproof-baseline";
constexpr double kShortestRunS = 5;  // importing PyTorch takes some of them

/// Why nothing can be said of the time there; empty when something can.
std::string obstacle(const Facts& facts) {
  if (checks::has_official_gpu(facts)) return "this machine has one";
  if (!facts.edition.reference) return "the baseline's time there is not known";
  if (!facts.run.ok()) return "the reconstruct command did not finish";
  if (!facts.slices && facts.run.wall_s < kShortestRunS)
    return fmt::format("a run of {:.1f} s is mostly its start", facts.run.wall_s);
  if (facts.slices && facts.slices->official.empty()) return "no slice was measured";
  if (!facts.host.gpus.empty() && !facts.run.gpu.measured)
    return "whether the command used the GPU is not known";
  return "";
}

}  // namespace

void predict_time(Facts& facts) {
  facts.unpredicted_reason = obstacle(facts);
  if (!facts.unpredicted_reason.empty()) return;
  const challenge::Reference& reference = *facts.edition.reference;
  const checks::MeasuredPace here = checks::measure_pace(
      reference, facts.host, system::self_executable().parent_path() / kBaseline);
  facts.unpredicted_reason = here.absent_reason;
  if (!here.pace) return;
  const checks::Pace there = {reference.ms_per_slice, true, facts.edition.official_gpu};
  facts.prediction =
      facts.slices
          ? checks::predict(checks::statistics(facts.slices->official).mean_ms, "ms",
                            checks::Timed::kForward, there, reference.certainty, *here.pace)
          : checks::predict(facts.run.wall_s, "s", checks::Timed::kWholeRun, there,
                            reference.certainty, *here.pace);
}

}  // namespace reconproof::workflows
