// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Does the run fit into the memory of the official GPU?
//
// What is sampled is a lower bound: more than the limit is a failure whatever else the run did,
// less a pass when the run came to its end. Where a ballast left only the limit, the run itself is
// the proof, and its allocator, which takes what it finds, is not held against it. Between the
// limits of two sources nothing is decided. A run that used no GPU says nothing about the server,
// where the same command would find one: it is not judged, as without a GPU.
#include <algorithm>
#include <string_view>

#include "checks/families.h"

namespace reconproof::checks {

using challenge::Finding;
using challenge::make_finding;
using challenge::Rule;
using challenge::Status;

namespace {

constexpr double kMib = 1 << 20, kGib = 1 << 30;
constexpr double kSmallHeadroomMib = 512;

constexpr std::string_view kOutOfMemory[] = {
    "CUDA out of memory",        "CUDA error: out of memory",  "CUDA_ERROR_OUT_OF_MEMORY",
    "CUDNN_STATUS_ALLOC_FAILED", "CUBLAS_STATUS_ALLOC_FAILED", "cudaErrorMemoryAllocation"};

double gib(int64_t bytes) { return static_cast<double>(bytes) / kGib; }

std::vector<const WholeRunResult*> runs_of(const Facts& facts) {
  std::vector<const WholeRunResult*> runs = {&facts.run};
  if (facts.repeat) runs.push_back(&*facts.repeat);
  return runs;
}

/// Of the two runs the one that took more; null when neither was measured.
const system::GpuUse* larger_use(const Facts& facts) {
  const system::GpuUse* larger = nullptr;
  for (const WholeRunResult* run : runs_of(facts)) {
    if (!run->gpu.measured) continue;
    if (!larger || run->gpu.peak_bytes() > larger->peak_bytes()) larger = &run->gpu;
  }
  return larger;
}

std::string device_text(const system::GpuUse& use) {
  return fmt::format("{} ({:.1f} GiB)", use.device, gib(use.total_bytes));
}

std::string used_text(const system::GpuUse& use) {
  return fmt::format("used at least {:.2f} GiB of {}, sampled every {:.0f} ms{}",
                     gib(use.peak_bytes()), device_text(use), std::max(1.0, use.interval_ms),
                     use.per_process_visible ? "" : " as the whole GPU's use above idle");
}

bool is_official(const Facts& facts, const system::GpuUse& use) {
  return !facts.edition.official_gpu.empty() && use.device == facts.edition.official_gpu;
}

/// What a GPU had to give to a run that ran out of it; absent when nobody can tell.
std::optional<double> bound_gib(const Facts& facts, const WholeRunResult& run) {
  if (!ran_out_of_gpu_memory(run) || !run.gpu.measured) return std::nullopt;
  if (run.gpu.enforced_limit_bytes > 0) return gib(run.gpu.enforced_limit_bytes);
  if (is_official(facts, run.gpu)) return gib(run.gpu.total_bytes);
  return std::nullopt;
}

/// A run that ran out of memory; absent when none did.
std::optional<Finding> judge_shortage(const Facts& facts, const Rule& rule) {
  constexpr double kToleranceGib = static_cast<double>(system::kBallastTolerance) / kGib;
  for (const WholeRunResult* run : runs_of(facts)) {
    const std::optional<double> bound = bound_gib(facts, *run);
    if (!bound) continue;
    const bool sure = is_official(facts, run->gpu) || *bound > rule.sure_limit() - kToleranceGib;
    Finding finding = make_finding(
        facts.edition, rule, sure ? Status::kFail : Status::kInconclusive,
        fmt::format("ran out of memory with {:.2f} GiB left on {}", *bound, device_text(run->gpu)));
    if (!sure)
      finding.message += fmt::format("; whether {} GiB would do was not tried", rule.sure_limit());
    finding.measured = *bound;
    finding.evidence = last_lines(run->output_tail);
    return finding;
  }
  return std::nullopt;
}

/// The most that one of the runs says its own allocator held; 0 where none does.
double told_gib(const Facts& facts) {
  int64_t most = 0;
  for (const WholeRunResult* run : runs_of(facts))
    most = std::max(most, run->gpu.child_peak_reserved_bytes);
  return gib(most);
}

struct Judgement {
  Status status;
  std::string message;
};

/// Runs that came to their end under a ballast.
Judgement judge_enforced(const Facts& facts, const system::GpuUse& use) {
  const double left = gib(use.enforced_limit_bytes);
  if (facts.gpu_ran_out_bytes > 0) {
    return {Status::kInconclusive,
            fmt::format("ran out of memory with {:.2f} GiB left on {}, but not with {:.2f}: "
                        "between what two sources say",
                        gib(facts.gpu_ran_out_bytes), device_text(use), left)};
  }
  return {Status::kPass, fmt::format("ran with {:.2f} GiB left on {}; {}", left, device_text(use),
                                     used_text(use))};
}

/// Runs that came to their end with all of a GPU.
Judgement judge_sampled(const Facts& facts, const Rule& rule, const system::GpuUse& use) {
  if (is_official(facts, use)) return {Status::kPass, "ran on the official GPU; " + used_text(use)};
  const double peak = gib(use.peak_bytes()), told = told_gib(facts);
  const double headroom_mib = (*rule.limit - peak) * kGib / kMib;
  const std::string message =
      used_text(use) + "; the limit was not enforced: " + use.unenforced_reason;
  if (peak > *rule.limit) {
    return {Status::kInconclusive,
            message + fmt::format("; between what two sources say, {} and {} GiB", *rule.limit,
                                  rule.sure_limit())};
  }
  if (told > *rule.limit) {
    return {Status::kInconclusive,
            message + "; by the command's own account it was more than the limit"};
  }
  if (headroom_mib >= kSmallHeadroomMib) return {Status::kPass, message};
  return {Status::kPass,
          message + fmt::format("; only {:.0f} MiB below the limit: it may run out of memory "
                                "elsewhere",
                                headroom_mib)};
}

Judgement judge_use(const Facts& facts, const Rule& rule, const system::GpuUse& use) {
  if (gib(use.peak_bytes()) > rule.sure_limit()) return {Status::kFail, used_text(use)};
  return use.enforced_limit_bytes > 0 ? judge_enforced(facts, use)
                                      : judge_sampled(facts, rule, use);
}

}  // namespace

bool ran_out_of_gpu_memory(const WholeRunResult& run) {
  return !run.ok() && std::ranges::any_of(kOutOfMemory, [&](std::string_view words) {
    return run.output_tail.find(words) != std::string::npos;
  });
}

Finding check_gpu_memory(const Facts& facts, const Rule& rule) {
  if (!rule.limit) {
    return make_finding(facts.edition, rule, Status::kInconclusive, "the rule names no limit");
  }
  if (std::optional<Finding> shortage = judge_shortage(facts, rule)) return *shortage;
  const system::GpuUse* use = larger_use(facts);
  const bool over = use && gib(use->peak_bytes()) > rule.sure_limit();
  if (!use || (!over && facts.run.gpu.ballast_lost)) {
    return make_finding(facts.edition, rule, Status::kInconclusive,
                        "GPU memory was not measured: " + facts.run.gpu.reason);
  }
  if (!over && !facts.run.ok()) return unjudged_without_run(facts, rule);
  const Judgement judgement = judge_use(facts, rule, *use);
  Finding finding = make_finding(facts.edition, rule, judgement.status, judgement.message);
  finding.measured = gib(use->peak_bytes());
  if (const double told = told_gib(facts); told > 0) {
    finding.evidence.push_back(fmt::format(
        "by the command's own account, PyTorch's allocator held up to {:.2f} GiB", told));
  }
  return finding;
}

}  // namespace reconproof::checks
