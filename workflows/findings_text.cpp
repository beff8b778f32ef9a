// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/findings_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "system/terminal.h"

namespace reconproof::workflows {

using challenge::Finding;
using challenge::Status;
using system::printable;

namespace {

constexpr size_t kMaxEvidence = 10;

// Most urgent first.
constexpr Status kOrder[] = {Status::kFail, Status::kInconclusive, Status::kWaived,
                             Status::kNotApplicable, Status::kPass};

const char* label(const Finding& finding) {
  switch (finding.status) {
    case Status::kPass:
      return "pass";
    case Status::kFail:
      return finding.severity == challenge::Severity::kError ? "FAIL" : "warning";
    case Status::kWaived:
      return "waived";
    case Status::kNotApplicable:
      return "n/a";
    case Status::kInconclusive:
      break;
  }
  return "inconclusive";
}

std::string block(const Finding& finding) {
  std::string text = fmt::format("  {:<13} {:<21} {}\n", label(finding), finding.rule_id,
                                 printable(finding.message));
  const std::string indent(17, ' ');
  for (size_t i = 0; i < std::min(finding.evidence.size(), kMaxEvidence); ++i) {
    text += indent + "- " + printable(finding.evidence[i]) + "\n";
  }
  if (finding.evidence.size() > kMaxEvidence) {
    text += fmt::format("{}- and {} more\n", indent, finding.evidence.size() - kMaxEvidence);
  }
  if (!finding.remediation.empty()) {
    text += indent + "What to do: " + finding.remediation + "\n";
    if (finding.status == Status::kFail) text += indent + "Rule: " + finding.source + "\n";
  }
  return text;
}

}  // namespace

std::string findings_text(const std::vector<Finding>& findings) {
  std::string text;
  for (Status status : kOrder) {
    for (const Finding& finding : findings) {
      if (finding.status == status) text += block(finding);
    }
  }
  return text;
}

std::string count_text(const std::vector<Finding>& findings) {
  std::string text;
  for (Status status : kOrder) {
    const auto count = std::count_if(findings.begin(), findings.end(),
                                     [&](const Finding& f) { return f.status == status; });
    if (count == 0) continue;
    std::string name = challenge::status_text(status);
    std::replace(name.begin(), name.end(), '_', ' ');
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  }
  return text.empty() ? "no findings" : text;
}

}  // namespace reconproof::workflows
