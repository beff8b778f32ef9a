// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What the check found, rule by rule: the broken ones first.
#include <algorithm>

#include "reports/sections/sections.h"

namespace reconproof::reports {
namespace {

using challenge::Finding;
using challenge::Rule;
using challenge::Severity;

constexpr size_t kMostEvidence = 200;  // lines shown; the rest stays in check.json
constexpr size_t kMostOpen = 12;       // more lines of evidence are folded in

std::string source_text(const Rule* rule, const Finding& finding, const Texts& texts) {
  const std::string source = shown(finding.source);
  return rule && rule->certainty == "uncertain" && !source.empty()
             ? texts.fill("finding_uncertain", {{"source", source}})
             : source;
}

/// A failed rule that is no error says which of the two lesser things it is.
const std::string& badge_of(const Finding& finding, const Texts& texts) {
  if (tone_of(finding) == Tone::kWarned)
    return texts(std::string("badge_") + challenge::severity_text(finding.severity));
  return texts("status_" + std::string(tone_name(tone_of(finding))));
}

std::string limit_text(const Finding& finding) {
  return finding.limit ? quantity_text(*finding.limit, shown(finding.unit)) : "";
}

std::vector<Fact> facts_of(const Report& report, const Finding& finding, const Texts& texts) {
  const bool korean = texts.language() == "ko";
  const Rule* rule = report.edition.find_rule(finding.rule_id);
  std::vector<Fact> facts;
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) facts.push_back({texts(key), {value}});
  };
  if (rule) add("finding_rule", korean && !rule->text_ko.empty() ? rule->text_ko : rule->text);
  add("finding_measured", measured_text(finding, texts));
  add("finding_limit", limit_text(finding));
  // The edition's own words have a translation; what a check said for the case at hand has none.
  const bool translated =
      korean && rule && finding.remediation == rule->remediation && !rule->remediation_ko.empty();
  add("finding_remediation", translated ? rule->remediation_ko : shown(finding.remediation));
  add("finding_source", source_text(rule, finding, texts));
  return facts;
}

FindingCard card_of(const Report& report, const Finding& finding, const Texts& texts) {
  FindingCard card;
  card.tone = tone_of(finding);
  card.rule_id = shown(finding.rule_id);
  card.status = badge_of(finding, texts);
  // Of a rule that holds, the severity says nothing.
  if (finding.severity == Severity::kError && card.tone != Tone::kPass &&
      card.tone != Tone::kNotApplicable)
    card.severity = texts("severity_error");
  card.message = shown(finding.message);
  card.facts = facts_of(report, finding, texts);
  const size_t lines = finding.evidence.size();
  if (lines > 0) card.evidence_title = texts.count("finding_evidence", static_cast<int64_t>(lines));
  for (size_t i = 0; i < std::min(lines, kMostEvidence); ++i)
    card.evidence.push_back(shown(finding.evidence[i]));
  if (lines > kMostEvidence) {
    card.more = texts.fill("finding_evidence_more",
                           {{"n", count_text(static_cast<int64_t>(lines - kMostEvidence))}});
  }
  card.open = card.tone == Tone::kBroken && lines <= kMostOpen;
  return card;
}

Value source_cell(const Report& report, const Finding& finding, const Texts& texts) {
  return {source_text(report.edition.find_rule(finding.rule_id), finding, texts)};
}

}  // namespace

Value status_cell(const Finding& finding, const Texts& texts) {
  Value value{badge_of(finding, texts)};
  value.tone = tone_of(finding);
  return value;
}

void add_finding_table(Section& section, const Report& report, std::vector<std::string> beginnings,
                       const std::string& caption, const Texts& texts) {
  Table table{
      caption, {{texts("finding_rule")}, {texts("finding_status")}, {texts("finding_found")}}, {}};
  for (const Finding& finding : report.check.findings) {
    const bool wanted = std::ranges::any_of(beginnings, [&](const std::string& beginning) {
      return finding.rule_id.starts_with(beginning);
    });
    if (!wanted) continue;
    table.rows.push_back({{shown(finding.rule_id), "", true},
                          status_cell(finding, texts),
                          {shown(finding.message)}});
  }
  if (!table.rows.empty()) section.blocks.push_back(std::move(table));
}

Section rules_section(const Report& report, const Texts& texts) {
  Section section = begin_section("rules", texts);
  Table table{texts("rules_caption"),
              {{texts("finding_rule")},
               {texts("finding_status")},
               {texts("finding_measured"), true},
               {texts("finding_limit"), true},
               {texts("finding_source")}},
              {}};
  for (const Finding& finding : report.check.findings) {
    table.rows.push_back({{shown(finding.rule_id), "", true},
                          status_cell(finding, texts),
                          text_cell(measured_text(finding, texts), texts),
                          text_cell(limit_text(finding), texts),
                          source_cell(report, finding, texts)});
  }
  if (table.rows.empty())
    add_note(section, texts("findings_none"));
  else
    section.blocks.push_back(std::move(table));
  return section;
}

std::string measured_text(const Finding& finding, const Texts& texts) {
  const nlohmann::json& measured = finding.measured;
  if (measured.is_null()) return "";
  if (measured.is_number()) return quantity_text(measured.get<double>(), shown(finding.unit));
  if (measured.is_boolean()) return texts(measured.get<bool>() ? "yes" : "no");
  return shown(measured.is_string() ? measured.get<std::string>() : measured.dump());
}

Section findings_section(const Report& report, const Texts& texts) {
  Section section = begin_section("findings", texts);
  for (const Tone tone : kToneOrder) {
    const int64_t count = count_of(report, tone);
    if (count == 0) continue;
    FindingGroup group{
        tone, texts("findings_group_" + std::string(tone_name(tone))), count_text(count), {}};
    for (const Finding& finding : report.check.findings)
      if (tone_of(finding) == tone) group.cards.push_back(card_of(report, finding, texts));
    section.blocks.push_back(std::move(group));
  }
  if (section.blocks.empty()) add_note(section, texts("findings_none"));
  return section;
}

}  // namespace reconproof::reports
