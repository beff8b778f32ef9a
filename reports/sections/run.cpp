// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Time and memory: what was measured, and how much of the limit that is.
#include <algorithm>

#include "reports/sections/sections.h"
#include "submission/detect/shell_words.h"

namespace reconproof::reports {
namespace {

std::string isolated_text(const RunRecord& run, const Texts& texts) {
  if (!run.isolated) return "";
  if (*run.isolated) return texts("run_isolated_yes");
  const std::string reason =
      run.refused_reason.empty() ? texts("run_isolated_no_reason") : shown(run.refused_reason);
  return texts.fill("run_isolated_no", {{"reason", reason}});
}

std::string end_text(const RunRecord& run, const Texts& texts) {
  if (run.timed_out.value_or(false)) return texts("run_timed_out");
  if (!run.stopped.empty()) return shown(run.stopped);
  if (run.signal.value_or(0) != 0)
    return texts.fill("run_signal", {{"n", number_text(*run.signal)}});
  return "";
}

std::string percent_text(double share) { return digits_text(100 * share, share < 0.1 ? 1 : 0); }

/// "time.official-gpu" -> "bar_time_official_gpu", where the texts have a name for it.
std::string bar_name(const std::string& rule_id, const Texts& texts) {
  std::string key = "bar_" + rule_id;
  std::ranges::replace_if(
      key, [](char c) { return c == '.' || c == '-'; }, '_');
  const auto found = texts.all().find(key);
  return found == texts.all().end() ? shown(rule_id) : found->second;
}

Bar make_bar(std::string name, double measured, double limit, const std::string& unit,
             const char* sentence, const Texts& texts) {
  Bar bar;
  bar.name = std::move(name);
  bar.measured = quantity_text(measured, unit);
  bar.limit = quantity_text(limit, unit);
  bar.share = measured / limit;
  bar.sentence = texts.fill(bar.share > 1 ? "run_share_over" : sentence,
                            {{"measured", bar.measured},
                             {"limit", bar.limit},
                             {"percent", percent_text(bar.share)},
                             {"headroom", quantity_text(std::max(0.0, limit - measured), unit)}});
  return bar;
}

/// A time or an amount of memory that was measured against a limit of the edition.
std::optional<Bar> bar_of(const challenge::Finding& finding, const Texts& texts) {
  const bool wanted =
      finding.rule_id.starts_with("time.") || finding.rule_id.starts_with("memory.");
  if (!wanted || !finding.measured.is_number() || finding.limit.value_or(0) <= 0)
    return std::nullopt;
  Bar bar = make_bar(bar_name(finding.rule_id, texts), finding.measured.get<double>(),
                     *finding.limit, shown(finding.unit),
                     finding.rule_id == "memory.gpu" ? "run_share_sampled" : "run_share", texts);
  bar.tone = tone_of(finding);
  return bar;
}

/// No rule limits the memory of the host, but a machine has only so much.
std::optional<Bar> host_memory_bar(const Report& report, const Texts& texts) {
  const std::optional<double>& memory = report.check.environment.memory_bytes;
  if (!report.check.run || report.check.run->peak_rss_bytes.value_or(0) <= 0 ||
      memory.value_or(0) <= 0)
    return std::nullopt;
  return make_bar(texts("bar_host_memory"), *report.check.run->peak_rss_bytes, *memory, "bytes",
                  "run_share_machine", texts);
}

void add_bars(Section& section, const Report& report, const Texts& texts) {
  Bars bars{texts("run_bars_caption"), {}};
  for (const challenge::Finding& finding : report.check.findings)
    if (std::optional<Bar> bar = bar_of(finding, texts)) bars.bars.push_back(std::move(*bar));
  if (std::optional<Bar> bar = host_memory_bar(report, texts)) bars.bars.push_back(std::move(*bar));
  if (!bars.bars.empty()) section.blocks.push_back(std::move(bars));
}

void add_gpu(FactLines& facts, const RunRecord& run, const Texts& texts) {
  if (!run.gpu) return;
  const GpuRecord& gpu = *run.gpu;
  if (!gpu.measured) return facts.add(texts("run_gpu"), shown(gpu.reason));
  facts.add(texts("run_gpu"), shown(gpu.device));
  if (gpu.peak_bytes) facts.add(texts("run_gpu_peak"), bytes_text(*gpu.peak_bytes));
  if (gpu.reserved_bytes) facts.add(texts("run_gpu_reserved"), bytes_text(*gpu.reserved_bytes));
  facts.add(texts("run_gpu_enforced"),
            gpu.enforced_bytes ? bytes_text(*gpu.enforced_bytes) : shown(gpu.unenforced_reason));
}

std::string milliseconds(double value) {
  return digits_text(value, value < 100 ? 1 : 0) + "\u202Fms";
}

Table slice_table(const SliceRecord& slices, const Texts& texts) {
  Table table{texts("slices_caption"),
              {{texts("slices_clock")},
               {texts("slices_mean"), true},
               {texts("slices_median"), true},
               {texts("slices_p95"), true},
               {texts("volumes_slices"), true}},
              {}};
  for (const auto& [key, times] :
       {std::pair{"slices_official", &slices.official}, {"slices_hardened", &slices.hardened}}) {
    if (times->slices == 0) continue;
    table.rows.push_back({{texts(key)},
                          {milliseconds(times->mean_ms)},
                          {milliseconds(times->median_ms)},
                          {milliseconds(times->p95_ms)},
                          {count_text(times->slices)}});
  }
  return table;
}

/// The volumes with the slowest slices.
Table slow_volume_table(const SliceRecord& slices, const Texts& texts) {
  constexpr size_t kMost = 5;
  std::vector<VolumeTime> volumes = slices.volumes;
  std::ranges::stable_sort(volumes, std::greater{}, &VolumeTime::slowest_ms);
  Table table{texts("slow_volumes_caption"),
              {{texts("volumes_volume")},
               {texts("volumes_cell")},
               {texts("volumes_slices"), true},
               {texts("slices_mean"), true},
               {texts("slices_slowest"), true},
               {texts("slices_prepared"), true}},
              {}};
  for (size_t i = 0; i < std::min(kMost, volumes.size()); ++i) {
    const VolumeTime& volume = volumes[i];
    table.rows.push_back({{shown(volume.volume)},
                          {shown(volume.cell)},
                          {count_text(volume.slices)},
                          {milliseconds(volume.mean_ms)},
                          {milliseconds(volume.slowest_ms)},
                          {milliseconds(1000 * volume.prepared_s)}});
  }
  return table;
}

void add_slices(Section& section, const Report& report, const Texts& texts) {
  if (!report.check.slices || report.check.slices->official.slices == 0) return;
  section.blocks.push_back(slice_table(*report.check.slices, texts));
  if (!report.check.slices->volumes.empty())
    section.blocks.push_back(slow_volume_table(*report.check.slices, texts));
}

std::string prediction_text(const PredictionRecord& prediction, const Texts& texts) {
  const std::string unit = shown(prediction.unit);
  return texts.fill("run_predicted_value", {{"value", quantity_text(prediction.value, unit)},
                                            {"low", quantity_text(prediction.low, unit)},
                                            {"high", quantity_text(prediction.high, unit)},
                                            {"device", shown(prediction.device)}});
}

}  // namespace

Section run_section(const Report& report, const Texts& texts) {
  Section section = begin_section("run", texts);
  if (!report.check.run) add_note(section, texts(report.bundle ? "run_not_bundled" : "run_none"));
  add_bars(section, report, texts);
  FactLines facts;
  if (const std::optional<RunRecord>& run = report.check.run) {
    if (run->wall_s) facts.add(texts("run_wall"), quantity_text(*run->wall_s, "s"));
    if (run->cpu_s.value_or(0) > 0) facts.add(texts("run_cpu"), quantity_text(*run->cpu_s, "s"));
    if (run->peak_rss_bytes) facts.add(texts("run_memory"), bytes_text(*run->peak_rss_bytes));
    add_gpu(facts, *run, texts);
    if (report.check.prediction)
      facts.add(texts("run_predicted"), prediction_text(*report.check.prediction, texts));
    facts.add(texts("run_ended"), end_text(*run, texts));
    if (run->exit_code) facts.add(texts("run_exit_code"), number_text(*run->exit_code));
    facts.add(texts("run_isolated"), isolated_text(*run, texts));
    facts.add(texts("run_limits_by"), shown(run->limits_by));
  }
  facts.add(texts("run_command"), shown(submission::shell_line(report.check.reconstruct_command)),
            true);
  facts.close(section, texts("run_caption"));
  add_slices(section, report, texts);
  return section;
}

}  // namespace reconproof::reports
