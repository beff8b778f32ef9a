// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What the readers agree on (Jenkins' junit-10.xsd): properties stand in a test suite only, so what
// a rule measured stands in its test case's text.
#include "workflows/check/findings_junit.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/svg_plot.h"
#include "system/build_info.h"
#include "workflows/check/findings_text.h"

namespace reconproof::workflows {

using challenge::Finding;
using challenge::Severity;
using challenge::Status;

namespace {

/// As text or as an attribute. XML 1.0 knows no U+FFFE and U+FFFF, not even escaped.
std::string xml(const std::string& printable) {
  std::string safe = reports::escape_markup(printable);
  for (const auto& [forbidden, visible] :
       {std::pair{"\xEF\xBF\xBE", "\\xef\\xbf\\xbe"}, {"\xEF\xBF\xBF", "\\xef\\xbf\\xbf"}}) {
    for (size_t at = 0; (at = safe.find(forbidden, at)) != std::string::npos;) {
      safe.replace(at, 3, visible);
    }
  }
  return safe;
}

bool is_failure(const Finding& finding) {
  return finding.status == Status::kFail && finding.severity == Severity::kError;
}

bool is_skipped(const Finding& finding) {
  return finding.status == Status::kInconclusive || finding.status == Status::kNotApplicable ||
         finding.status == Status::kWaived;
}

/// What a person reads who opens the test case.
std::string details(const Finding& finding) {
  std::string text = shown(finding.message) + "\n";
  for (const std::string& line : shown_evidence(finding, kMaxEvidenceInFiles))
    text += "- " + line + "\n";
  const nlohmann::json measured = finite_measured(finding);
  if (!measured.is_null())
    text += fmt::format("Measured: {} {}\n", measured.dump(), shown(finding.unit));
  if (finding.limit) text += fmt::format("Limit: {} {}\n", *finding.limit, shown(finding.unit));
  if (!finding.remediation.empty()) text += "What to do: " + shown(finding.remediation) + "\n";
  return text + "Rule: " + shown(finding.source) + "\n";
}

std::string test_case(const CheckOutcome& outcome, const Finding& finding) {
  // A broken rule that is only a warning leaves exit code 0, and no CI server red.
  const char* element = is_failure(finding) ? "failure" : is_skipped(finding) ? "skipped" : nullptr;
  const std::string status = challenge::status_text(finding.status);
  std::string text =
      fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"0\" status=\"{}\">\n",
                  xml(shown(outcome.facts.edition.id)), xml(shown(finding.rule_id)), status);
  if (element) {
    text += fmt::format("      <{0} message=\"{1}\" type=\"{2}\">{3}</{0}>\n", element,
                        xml(status + ": " + shown(finding.message)),
                        is_failure(finding) ? challenge::severity_text(finding.severity) : status,
                        xml(details(finding)));
  } else {
    const std::string warning = finding.status == Status::kFail ? "warning: " : "";
    text += fmt::format("      <system-out>{}</system-out>\n", xml(warning + details(finding)));
  }
  return text + "    </testcase>\n";
}

std::string property(const char* name, const std::string& value) {
  return fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, xml(shown(value)));
}

std::string properties(const CheckOutcome& outcome) {
  const checks::Facts& facts = outcome.facts;
  return "    <properties>\n" + property("project", facts.project.name) +
         property("edition", facts.edition.id) + property("ruleset", facts.edition.ruleset()) +
         property("reconproof", system::build_info().version) +
         property("exit_code", std::to_string(static_cast<int>(outcome.exit_code))) +
         property("only", fmt::format("{}", fmt::join(outcome.selection.only, ","))) +
         property("skip", fmt::format("{}", fmt::join(outcome.selection.skip, ","))) +
         "    </properties>\n";
}

}  // namespace

std::string findings_junit(const CheckOutcome& outcome) {
  const auto count = [&](bool (*is)(const Finding&)) {
    return std::count_if(outcome.findings.begin(), outcome.findings.end(), is);
  };
  const std::string counts =
      fmt::format("tests=\"{}\" failures=\"{}\" errors=\"0\" time=\"{:.3f}\"",
                  outcome.findings.size(), count(is_failure), outcome.facts.run.wall_s);
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  text += fmt::format("<testsuites name=\"reconproof check\" {}>\n", counts);
  text += fmt::format("  <testsuite name=\"{}\" skipped=\"{}\" {}>\n",
                      xml(shown(outcome.facts.edition.id)), count(is_skipped), counts);
  text += properties(outcome);
  for (const Finding& finding : outcome.findings)
    text += test_case(outcome, with_relative_paths(finding, outcome.facts.project.root));
  return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace reconproof::workflows
