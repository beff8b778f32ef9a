// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/findings_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "system/terminal.h"

namespace reconproof::workflows {

using challenge::Finding;
using challenge::Status;

namespace {

constexpr size_t kMaxEvidence = 10;
constexpr size_t kMaxBytes = 2000;  // of one text: enough for a path and a reason

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
  std::string text =
      fmt::format("  {:<13} {:<21} {}\n", label(finding), finding.rule_id, shown(finding.message));
  const std::string indent(17, ' ');
  for (const std::string& line : shown_evidence(finding, kMaxEvidence))
    text += indent + "- " + line + "\n";
  if (!finding.remediation.empty()) {
    text += indent + "What to do: " + finding.remediation + "\n";
    if (finding.status == Status::kFail) text += indent + "Rule: " + finding.source + "\n";
  }
  return text;
}

}  // namespace

std::string shown(std::string_view text) {
  if (text.size() <= kMaxBytes) return system::printable(text);
  // Not in the middle of a character.
  size_t end = kMaxBytes;
  while (end > kMaxBytes - 3 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return fmt::format("{} (and {} bytes more)", system::printable(text.substr(0, end)),
                     text.size() - end);
}

std::vector<std::string> shown_evidence(const Finding& finding, size_t most) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < std::min(finding.evidence.size(), most); ++i)
    lines.push_back(shown(finding.evidence[i]));
  if (finding.evidence.size() > most)
    lines.push_back(fmt::format("and {} more", finding.evidence.size() - most));
  return lines;
}

nlohmann::json finite_measured(const Finding& finding) {
  const bool finite = finding.measured.is_number() && std::isfinite(finding.measured.get<double>());
  return finite ? finding.measured : nlohmann::json();
}

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
