// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "system/terminal.h"
#include "workflows/plan/plan_output.h"
#include "workflows/plan/probe.h"

namespace reconproof::workflows {
namespace {

using challenge::Rule;
using nlohmann::json;

constexpr double kGibibyte = 0x1p30;
/// By how much a run of the same code differs from another; all slices count as the worst ones, so
/// that what is projected is rather too long.
constexpr double kSpread = 1.1;

Figure seen(double value) { return {value, value / kSpread, value * kSpread, Known::kMeasured}; }

std::optional<Figure> gpu_gib(const system::GpuUse& use) {
  if (!use.measured) return std::nullopt;
  const double gib = static_cast<double>(use.peak_bytes()) / kGibibyte;
  return Figure{gib, gib, gib, Known::kMeasured};
}

void add_memory(Probe& probe, const char* what, const system::GpuUse& use, bool ran_out) {
  const Rule* rule = probe.edition->find_rule("memory.gpu");
  if (!rule || !rule->limit) return;
  LimitVerdict verdict{what, rule, gpu_gib(use), "", Fit::kUnknown, ""};
  if (verdict.figure) verdict.fit = judge(*verdict.figure, *rule);
  if (!verdict.figure) verdict.reason = "not measured: " + use.reason;
  if (ran_out && use.enforced_limit_bytes > 0) verdict.fit = Fit::kExceeds;
  if (ran_out) verdict.advice = "it ran out of memory";
  probe.limits.push_back(verdict);
}

void add_time(Probe& probe, const char* rule_id, const char* what, std::optional<Figure> figure) {
  const Rule* rule = probe.edition->find_rule(rule_id);
  if (!rule || !rule->limit) return;
  LimitVerdict verdict{what, rule, figure, "", Fit::kUnknown, ""};
  const ProbedReconstruction& run = probe.reconstruction;
  if (!figure) verdict.reason = run.left_out.empty() ? run.failure : run.left_out;
  // Only the organisers' card counts: elsewhere it is an indication, and never a verdict.
  const bool official = run.gpu.measured && run.gpu.device == probe.edition->official_gpu;
  if (figure && official) verdict.fit = judge(*figure, *rule);
  if (figure && !official)
    verdict.advice = fmt::format("measured here, and only {} counts", probe.edition->official_gpu);
  probe.limits.push_back(verdict);
}

std::string rss_text(int64_t bytes) {
  return fmt::format("{:.2f} GiB of host memory (measured, sampled)",
                     static_cast<double>(bytes) / kGibibyte);
}

std::string gpu_text(const system::GpuUse& use) {
  if (!use.measured) return "GPU memory not measured: " + use.reason;
  std::string text = fmt::format("{:.2f} GiB of {} (measured, sampled)",
                                 static_cast<double>(use.peak_bytes()) / kGibibyte, use.device);
  if (use.child_peak_reserved_bytes > 0) {
    text += fmt::format(", {:.2f} GiB by PyTorch's own account (declared)",
                        static_cast<double>(use.child_peak_reserved_bytes) / kGibibyte);
  }
  return text;
}

json gpu_json(const system::GpuUse& use) {
  return {{"measured", use.measured},
          {"reason", use.measured ? "" : use.reason},
          {"device", use.device},
          {"peak_bytes", use.peak_bytes()},
          {"declared_reserved_bytes", use.child_peak_reserved_bytes},
          {"enforced_limit_bytes", use.enforced_limit_bytes}};
}

json optional_json(const std::optional<Figure>& figure) {
  return figure ? to_json(*figure) : json(nullptr);
}

std::string training_text(const Probe& probe) {
  const ProbedTraining& training = *probe.training;
  std::string text = fmt::format("Training: {} updates in {}\n", training.updates,
                                 system::duration_text(training.wall_s));
  if (!training.failure.empty())
    text += fmt::format("  {}\n  its last words: {}\n", training.failure,
                        system::printable(training.output_tail));
  if (training.update_s)
    text +=
        fmt::format("  {:.3g} s an update (measured, the first left out)\n", *training.update_s);
  text += fmt::format("  {}\n  {}\n", rss_text(training.peak_rss_bytes), gpu_text(training.gpu));
  if (probe.epoch_s)
    text += fmt::format("  an epoch: {} (projected from it, all slices as large as these)\n",
                        system::duration_text(probe.epoch_s->value));
  return text;
}

std::string reconstruction_text(const Probe& probe) {
  const ProbedReconstruction& run = probe.reconstruction;
  if (!run.left_out.empty()) return fmt::format("Reconstruction: not made: {}\n", run.left_out);
  if (!run.failure.empty())
    return fmt::format("Reconstruction: failed: {}\n", system::printable(run.failure));
  std::string text =
      fmt::format("Reconstruction: {:.3g} s a slice, {:.3g} s to start (measured)\n  {}\n  {}\n",
                  *run.slice_s, run.start_s, rss_text(run.peak_rss_bytes), gpu_text(run.gpu));
  if (probe.leaderboard_s)
    text += fmt::format("  the leaderboard: {} (projected from it)\n",
                        system::duration_text(probe.leaderboard_s->value));
  return text;
}

}  // namespace

Probe judge_probe(const challenge::Edition& edition, const PlanScale& scale,
                  std::optional<ProbedTraining> training, ProbedReconstruction reconstruction,
                  int64_t batch) {
  Probe probe;
  probe.edition = &edition;
  probe.shape = scale.worst;
  probe.training = std::move(training);
  probe.reconstruction = std::move(reconstruction);
  if (probe.training && probe.training->update_s) {
    const double updates =
        static_cast<double>((scale.train.count() + batch - 1) / std::max<int64_t>(batch, 1));
    probe.epoch_s = seen(*probe.training->update_s * updates);
  }
  if (const auto& slice = probe.reconstruction.slice_s) {
    const double slices = static_cast<double>(scale.leaderboard.count());
    probe.slice_ms = seen(*slice * 1e3);
    probe.leaderboard_s = seen(probe.reconstruction.start_s + slices * *slice);
  }
  if (probe.training)
    add_memory(probe, "GPU memory of training", probe.training->gpu, probe.training->out_of_memory);
  if (probe.reconstruction.left_out.empty())
    add_memory(probe, "GPU memory of reconstruction", probe.reconstruction.gpu,
               probe.reconstruction.out_of_memory);
  add_time(probe, "time.total", "time of the whole leaderboard", probe.leaderboard_s);
  add_time(probe, "time.slice", "time of a slice", probe.slice_ms);
  return probe;
}

int exit_code(const Probe& probe) {
  const auto any = [&probe](Fit fit) {
    return std::ranges::any_of(probe.limits, [&](const LimitVerdict& limit) {
      return limit.fit == fit && limit.rule->severity == challenge::Severity::kError;
    });
  };
  if (any(Fit::kExceeds)) return 1;
  const bool failed =
      (probe.training && !probe.training->failure.empty()) || !probe.reconstruction.failure.empty();
  return failed || any(Fit::kUnknown) ? 6 : 0;
}

std::string probe_text(const Probe& probe) {
  std::string text =
      fmt::format("Probed with the largest slices: {}\n", formats::shape_text(probe.shape));
  if (probe.training) text += training_text(probe);
  text += reconstruction_text(probe);
  text += fmt::format("\nLimits of {}\n", probe.edition->ruleset());
  for (const LimitVerdict& limit : probe.limits) text += limit_text(limit);
  return text;
}

json probe_json(const Probe& probe) {
  json limits = json::array();
  for (const LimitVerdict& limit : probe.limits) limits.push_back(to_json(limit));
  json training;
  if (const auto& run = probe.training) {
    training = {{"updates", run->updates},
                {"update_s", run->update_s ? json(*run->update_s) : json(nullptr)},
                {"wall_s", run->wall_s},
                {"peak_rss_bytes", run->peak_rss_bytes},
                {"gpu", gpu_json(run->gpu)},
                {"failure", run->failure},
                {"out_of_memory", run->out_of_memory}};
  }
  const ProbedReconstruction& run = probe.reconstruction;
  return {{"schema", "reconproof.probe"},
          {"schema_version", 1},
          {"edition", probe.edition->id},
          {"ruleset", probe.edition->ruleset()},
          {"exit_code", exit_code(probe)},
          {"shape", probe.shape},
          {"training", training},
          {"reconstruction",
           {{"left_out", run.left_out},
            {"slice_s", run.slice_s ? json(*run.slice_s) : json(nullptr)},
            {"start_s", run.start_s},
            {"peak_rss_bytes", run.peak_rss_bytes},
            {"gpu", gpu_json(run.gpu)},
            {"failure", run.failure}}},
          {"epoch_s", optional_json(probe.epoch_s)},
          {"slice_ms", optional_json(probe.slice_ms)},
          {"leaderboard_s", optional_json(probe.leaderboard_s)},
          {"limits", limits}};
}

}  // namespace reconproof::workflows
