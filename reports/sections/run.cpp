// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Time and memory: what was measured, and how much of the limit that is.
#include "reports/sections/sections.h"
#include "submission/detect/shell_words.h"
#include "system/terminal.h"

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
  if (run.signal.value_or(0) != 0)
    return texts.fill("run_signal", {{"n", number_text(*run.signal)}});
  return "";
}

void add_bars(Section& section, const Report& report, const Texts& texts) {
  const challenge::Rule* rule = report.edition.find_rule("time.total");
  if (!rule || rule->limit.value_or(0) <= 0 || !report.check.run || !report.check.run->wall_s)
    return;
  Bar bar;
  bar.name = texts("run_wall");
  bar.measured = system::duration_text(*report.check.run->wall_s);
  bar.limit = system::duration_text(*rule->limit);
  bar.share = *report.check.run->wall_s / *rule->limit;
  bar.tone = bar.share > 1 ? Tone::kBroken : Tone::kPass;
  bar.sentence =
      texts.fill("run_share", {{"measured", bar.measured},
                               {"limit", bar.limit},
                               {"percent", digits_text(100 * bar.share, bar.share < 0.1 ? 1 : 0)}});
  section.blocks.push_back(Bars{texts("run_bars_caption"), {std::move(bar)}});
}

}  // namespace

Section run_section(const Report& report, const Texts& texts) {
  Section section = begin_section("run", texts);
  if (!report.check.run) add_note(section, texts("run_none"));
  add_bars(section, report, texts);
  FactLines facts;
  if (const std::optional<RunRecord>& run = report.check.run) {
    const challenge::Rule* rule = report.edition.find_rule("time.total");
    if (run->wall_s) facts.add(texts("run_wall"), quantity_text(*run->wall_s, "s"));
    if (rule && rule->limit) facts.add(texts("run_limit"), quantity_text(*rule->limit, rule->unit));
    if (run->peak_rss_bytes) facts.add(texts("run_memory"), bytes_text(*run->peak_rss_bytes));
    facts.add(texts("run_ended"), end_text(*run, texts));
    if (run->exit_code) facts.add(texts("run_exit_code"), number_text(*run->exit_code));
    facts.add(texts("run_isolated"), isolated_text(*run, texts));
  }
  facts.add(texts("run_command"), shown(submission::shell_line(report.check.reconstruct_command)),
            true);
  facts.close(section, texts("run_caption"));
  return section;
}

}  // namespace reconproof::reports
