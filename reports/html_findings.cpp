// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/html_findings.h"

#include <algorithm>
#include <array>

#include "system/exit_code.h"

namespace reconproof::reports {
namespace {

using challenge::Finding;
using challenge::Severity;
using challenge::Status;
using kainjow::mustache::data;
using kainjow::mustache::object;
using system::ExitCode;

constexpr size_t kMostEvidence = 200;  // lines shown; the rest stays in check.json

/// The groups of a report, in this order. A failed rule that is no error is apart: it does not
/// break anything.
constexpr std::array kGroups = {"broken", "warned", "inconclusive",
                                "waived", "pass",   "not_applicable"};

const char* group_of(const Finding& finding) {
  if (finding.status != Status::kFail) return challenge::status_text(finding.status);
  return finding.severity == Severity::kError ? "broken" : "warned";
}

int64_t count_of(const Report& report, const std::string& group) {
  return std::count_if(report.check.findings.begin(), report.check.findings.end(),
                       [&](const Finding& finding) { return group == group_of(finding); });
}

std::string exit_meaning(int code, const Texts& texts) {
  const std::string key = "exit_" + std::to_string(code);
  return texts(texts.all().contains(key) ? key : "exit_other");
}

struct Verdict {
  const char* style;  // one of kGroups
  std::string word, detail;
};

Verdict verdict_of(const Report& report, const Texts& texts) {
  const int code = report.check.exit_code;
  std::string detail;
  const auto add = [&](const char* key, const char* group) {
    const int64_t n = count_of(report, group);
    if (n > 0) detail += (detail.empty() ? "" : " ") + texts.count(key, n);
  };
  add("verdict_broken", "broken");
  add("verdict_unjudged", "inconclusive");
  add("verdict_warned", "warned");
  if (code == static_cast<int>(ExitCode::kPass)) {
    const std::string pass = texts("verdict_pass_detail");
    return {"pass", texts("verdict_pass"), detail.empty() ? pass : pass + " " + detail};
  }
  if (code == static_cast<int>(ExitCode::kRuleBroken))
    return {"broken", texts("verdict_fail"), detail};
  if (code == static_cast<int>(ExitCode::kInconclusive)) {
    return {"inconclusive", texts("verdict_inconclusive"), detail};
  }
  const std::string end =
      texts.fill("verdict_other_detail",
                 {{"code", std::to_string(code)}, {"meaning", exit_meaning(code, texts)}});
  const bool broken = count_of(report, "broken") > 0;
  return {broken ? "broken" : "inconclusive", texts(broken ? "verdict_fail" : "verdict_other"),
          detail.empty() ? end : end + " " + detail};
}

std::string measured_text(const Finding& finding, const Texts& texts) {
  const nlohmann::json& measured = finding.measured;
  if (measured.is_null()) return "";
  if (measured.is_number()) return quantity_text(measured.get<double>(), shown(finding.unit));
  if (measured.is_boolean()) return texts(measured.get<bool>() ? "yes" : "no");
  return shown(measured.is_string() ? measured.get<std::string>() : measured.dump());
}

std::string source_text(const Report& report, const Finding& finding, const Texts& texts) {
  const challenge::Rule* rule = report.edition.find_rule(finding.rule_id);
  const std::string source = shown(finding.source);
  return rule && rule->certainty == "uncertain" && !source.empty()
             ? texts.fill("finding_uncertain", {{"source", source}})
             : source;
}

/// A failed rule that is no error says which of the two lesser things it is.
const std::string& badge_of(const Finding& finding, const Texts& texts) {
  if (std::string_view(group_of(finding)) != "warned")
    return texts(std::string("status_") + group_of(finding));
  return texts(std::string("badge_") + challenge::severity_text(finding.severity));
}

data facts_of(const Report& report, const Finding& finding, const Texts& texts) {
  data facts{data::type::list};
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) facts.push_back(object{{"name", texts(key)}, {"value", value}});
  };
  const challenge::Rule* rule = report.edition.find_rule(finding.rule_id);
  add("finding_rule", rule ? rule->text : "");
  add("finding_measured", measured_text(finding, texts));
  add("finding_limit", finding.limit ? quantity_text(*finding.limit, shown(finding.unit)) : "");
  add("finding_remediation", shown(finding.remediation));
  add("finding_source", source_text(report, finding, texts));
  return facts;
}

object finding_object(const Report& report, const Finding& finding, const Texts& texts) {
  const std::string group = group_of(finding);
  data evidence{data::type::list};
  const size_t lines = finding.evidence.size();
  for (size_t i = 0; i < std::min(lines, kMostEvidence); ++i) {
    evidence.push_back(object{{"line", shown(finding.evidence[i])}});
  }
  const bool more = lines > kMostEvidence;
  // Of a rule that holds, the severity says nothing.
  const bool counts_as_error = finding.severity == Severity::kError &&
                               finding.status != Status::kPass &&
                               finding.status != Status::kNotApplicable;
  return {
      {"class", group},
      {"rule_id", shown(finding.rule_id)},
      {"status", badge_of(finding, texts)},
      {"severity", counts_as_error ? texts("severity_error") : ""},
      {"message", shown(finding.message)},
      {"facts", facts_of(report, finding, texts)},
      {"has_evidence", lines > 0},
      {"open", group == "broken" && lines <= 12 ? "open" : ""},
      {"evidence_title", texts.count("finding_evidence", static_cast<int64_t>(lines))},
      {"evidence", evidence},
      {"has_more", more},
      {"more", more ? texts.fill("finding_evidence_more",
                                 {{"n", number_text(static_cast<double>(lines - kMostEvidence))}})
                    : ""}};
}

}  // namespace

void add_verdict(data& page, const Report& report, const Texts& texts) {
  const Verdict verdict = verdict_of(report, texts);
  page.set("verdict", verdict.word);
  page.set("verdict_class", verdict.style);
  page.set("verdict_detail", verdict.detail);
  data summary{data::type::list};
  for (const char* group : kGroups) {
    const int64_t count = count_of(report, group);
    summary.push_back(object{{"class", group},
                             {"name", texts(std::string("status_") + group)},
                             {"count", number_text(static_cast<double>(count))},
                             {"zero", count == 0 ? "zero" : "some"}});
  }
  page.set("summary", summary);
}

void add_findings(data& page, const Report& report, const Texts& texts) {
  data groups{data::type::list};
  for (const char* group : kGroups) {
    data findings{data::type::list};
    for (const Finding& finding : report.check.findings) {
      if (std::string_view(group) == group_of(finding))
        findings.push_back(finding_object(report, finding, texts));
    }
    if (findings.is_empty_list()) continue;
    groups.push_back(object{{"class", group},
                            {"title", texts(std::string("findings_group_") + group)},
                            {"count", number_text(static_cast<double>(count_of(report, group)))},
                            {"findings", findings}});
  }
  page.set("has_findings", groups.is_non_empty_list());
  page.set("groups", groups);
}

}  // namespace reconproof::reports
