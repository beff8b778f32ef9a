// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/finding.h"

#include <array>

#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::challenge {
namespace {

constexpr std::array kStatusTexts = {"pass", "fail", "waived", "not_applicable", "inconclusive"};
constexpr std::array kSeverityTexts = {"error", "warning", "note"};

template <typename Enum, size_t N>
Enum parse(const std::string& text, const std::array<const char*, N>& texts, const char* what) {
  for (size_t i = 0; i < N; ++i) {
    if (text == texts[i]) return static_cast<Enum>(i);
  }
  system::fail(system::Code::kCorrupt, "finding: unknown {} '{}'", what, system::excerpt(text));
}

}  // namespace

const char* status_text(Status status) { return kStatusTexts[static_cast<size_t>(status)]; }

int gravity(Status status) {
  return status == Status::kFail ? 2 : status == Status::kInconclusive ? 1 : 0;
}
const char* severity_text(Severity severity) {
  return kSeverityTexts[static_cast<size_t>(severity)];
}
Severity severity_from_text(const std::string& text) {
  return parse<Severity>(text, kSeverityTexts, "severity");
}

Finding make_finding(const Edition& edition, const Rule& rule, Status status, std::string message) {
  Finding finding;
  finding.rule_id = rule.id;
  finding.ruleset = edition.ruleset();
  finding.severity = rule.severity;
  finding.status = status;
  finding.message = std::move(message);
  finding.limit = rule.limit;
  finding.unit = rule.unit;
  if (status != Status::kPass && status != Status::kNotApplicable)
    finding.remediation = rule.remediation;
  finding.source = rule.source;
  return finding;
}

nlohmann::json to_json(const Finding& finding) {
  return {{"rule_id", finding.rule_id},
          {"ruleset", finding.ruleset},
          {"severity", severity_text(finding.severity)},
          {"status", status_text(finding.status)},
          {"message", finding.message},
          {"measured", finding.measured},
          {"limit", finding.limit ? nlohmann::json(*finding.limit) : nlohmann::json()},
          {"unit", finding.unit},
          {"evidence", finding.evidence},
          {"remediation", finding.remediation},
          {"source", finding.source}};
}

Finding finding_from_json(const nlohmann::json& stored) {
  try {
    Finding finding;
    finding.rule_id = stored.at("rule_id").get<std::string>();
    finding.ruleset = stored.at("ruleset").get<std::string>();
    finding.severity = severity_from_text(stored.at("severity").get<std::string>());
    finding.status = parse<Status>(stored.at("status").get<std::string>(), kStatusTexts, "status");
    finding.message = stored.at("message").get<std::string>();
    finding.measured = stored.at("measured");
    if (!stored.at("limit").is_null()) finding.limit = stored.at("limit").get<double>();
    finding.unit = stored.at("unit").get<std::string>();
    finding.evidence = stored.at("evidence").get<std::vector<std::string>>();
    finding.remediation = stored.at("remediation").get<std::string>();
    finding.source = stored.at("source").get<std::string>();
    return finding;
  } catch (const nlohmann::json::exception& error) {
    system::fail(system::Code::kCorrupt, "finding: {}", error.what());
  }
}

system::ExitCode exit_code_of(const std::vector<Finding>& findings) {
  system::ExitCode code = system::ExitCode::kPass;
  for (const Finding& finding : findings) {
    if (finding.status == Status::kFail && finding.severity == Severity::kError) {
      code = system::worst(code, system::ExitCode::kRuleBroken);
    } else if (finding.status == Status::kInconclusive) {
      code = system::worst(code, system::ExitCode::kInconclusive);
    }
  }
  return code;
}

}  // namespace reconproof::challenge
