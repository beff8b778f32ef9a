// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/check/findings_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
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

bool is_of_a_path(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) ||
         std::string_view("/._-~").find(c) != std::string_view::npos;
}

/// Where a path begins with the folder (which ends in a slash), `relative` takes its place.
void replace_folder(std::string& text, const std::string& folder, const std::string& relative) {
  for (size_t at = 0; (at = text.find(folder, at)) != std::string::npos;) {
    if (at > 0 && is_of_a_path(text[at - 1])) {
      at += folder.size();
    } else {
      text.replace(at, folder.size(), relative);
      at += relative.size();
    }
  }
}

}  // namespace

challenge::Finding with_relative_paths(challenge::Finding finding,
                                       const std::filesystem::path& project) {
  const auto relative = [&](std::string& text) {
    if (!project.has_relative_path()) return;  // everything lies below /
    replace_folder(text, project.string() + "/", "");
    if (project.parent_path().has_relative_path())
      replace_folder(text, project.parent_path().string() + "/", "../");
  };
  relative(finding.message);
  for (std::string& line : finding.evidence) relative(line);
  return finding;
}

std::string shown(std::string_view text) { return system::excerpt(text, kMaxBytes); }

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
