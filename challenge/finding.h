// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A finding is a value, not an error: a check returns all of them.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "challenge/edition.h"
#include "system/exit_code.h"

namespace reconproof::challenge {

enum class Status { kPass, kFail, kWaived, kNotApplicable, kInconclusive };

struct Finding {
  std::string rule_id;
  std::string ruleset;  // "snu-2025@<first 12 digits of the rule file's SHA-256>"
  Severity severity = Severity::kError;
  Status status = Status::kInconclusive;
  std::string message;      // one sentence: what was found
  nlohmann::json measured;  // null when nothing was measured
  std::optional<double> limit;
  std::string unit;
  std::vector<std::string>
      evidence;             // files, lines, numbers: text of strangers, escape before printing
  std::string remediation;  // what to do, when it is not a pass
  std::string source;       // where the rule is written
};

/// A finding of `rule`, with everything filled in that the rule file knows.
Finding make_finding(const Edition& edition, const Rule& rule, Status status, std::string message);

const char* status_text(Status status);

/// 2 for a fail, 1 where nothing can be told, 0 for the rest: of several answers the worst counts.
int gravity(Status status);

/// {rule_id, ruleset, severity, status, message, measured, limit, unit, evidence, remediation,
/// source}
nlohmann::json to_json(const Finding& finding);
/// Throws kCorrupt when a field is missing or of another type.
Finding finding_from_json(const nlohmann::json& json);

/// 1 when an error rule failed, 6 when something is inconclusive, else 0.
system::ExitCode exit_code_of(const std::vector<Finding>& findings);

}  // namespace reconproof::challenge
