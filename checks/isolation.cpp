// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/families.h"

namespace reconproof::checks {

using challenge::Finding;
using challenge::Rule;
using challenge::Status;
using challenge::make_finding;

namespace {

/// Both rules are judged alike: an attempt breaks the rule; a finished run without one keeps it.
Finding judge_attempts(const Facts& facts, const Rule& rule, const char* kind,
                       const std::string& tried) {
  const auto finding = [&](Status status, const std::string& message) {
    return make_finding(facts.edition, rule, status, message);
  };
  if (!facts.run.isolated) {
    return finding(Status::kInconclusive, "no sandbox here: " + facts.run.refused_reason);
  }
  std::vector<std::string> evidence;
  for (const system::Attempt& attempt : facts.run.attempts) {
    // Talking to itself is a command's own business, unless nobody answered and it failed.
    const bool unanswered = attempt.kind == "loopback" && kind == std::string_view("network") && !facts.run.ok();
    if (attempt.kind == kind || unanswered) {
      evidence.push_back(fmt::format("{} ({} times)", attempt.detail, attempt.count));
    }
  }
  if (!evidence.empty()) {
    Finding broken = finding(Status::kFail, tried);
    broken.evidence = evidence;
    broken.measured = evidence.size();
    broken.unit = "attempts";
    return broken;
  }
  // Nobody watched, and the run failed: it may have failed because of what we look for.
  if (!facts.run.observed && !facts.run.ok()) {
    return finding(Status::kInconclusive, "the command failed, and what it tried could not be observed here");
  }
  return finding(Status::kPass, facts.run.observed ? "never tried, and could not have"
                                                   : "could not have; whether it tried was not observed");
}

}  // namespace

Finding check_network(const Facts& facts, const Rule& rule) {
  return judge_attempts(facts, rule, "network", "tried to open a network connection");
}

Finding check_labels(const Facts& facts, const Rule& rule) {
  return judge_attempts(facts, rule, "open",
                        "tried to open the leaderboard's image files, which hold the labels");
}

}  // namespace reconproof::checks
