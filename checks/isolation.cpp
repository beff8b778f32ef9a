// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/families.h"

namespace reconproof::checks {

using challenge::Finding;
using challenge::make_finding;
using challenge::Rule;
using challenge::Status;

namespace {

/// What a run tried of one kind. Talking to itself over loopback is a command's own business,
/// unless nobody answered and it failed.
std::vector<std::string> attempts_of(const WholeRunResult& run, std::string_view kind) {
  std::vector<std::string> texts;
  for (const system::Attempt& attempt : run.attempts) {
    const bool unanswered = attempt.kind == "loopback" && kind == "network" && !run.ok();
    if (attempt.kind == kind || unanswered) {
      texts.push_back(fmt::format("{} ({} times)", attempt.detail, attempt.count));
    }
  }
  return texts;
}

/// Both rules are judged alike: an attempt in any run breaks the rule; a finished run without one
/// keeps it.
Finding judge_attempts(const Facts& facts, const Rule& rule, std::string_view kind,
                       const char* never, const char* tried) {
  const auto finding = [&](Status status, const std::string& message) {
    return make_finding(facts.edition, rule, status, message);
  };
  if (!facts.run.isolated) {
    return finding(Status::kInconclusive, "no sandbox here: " + facts.run.refused_reason);
  }
  std::vector<std::string> evidence = attempts_of(facts.run, kind);
  if (evidence.empty() && facts.repeat) evidence = attempts_of(*facts.repeat, kind);
  if (evidence.empty() && facts.hardened) evidence = attempts_of(facts.hardened->run, kind);
  if (!evidence.empty()) {
    Finding broken = finding(Status::kFail, tried);
    broken.evidence = evidence;
    broken.measured = evidence.size();
    broken.unit = "attempts";
    return broken;
  }
  if (!facts.run.observed) {
    return finding(Status::kInconclusive,
                   "it could reach none, but whether it tried was not observed: " +
                       facts.run.unobserved_reason);
  }
  // A run that failed may have failed before it showed what it would do.
  if (!facts.run.ok()) return unjudged_without_run(facts, rule);
  return finding(Status::kPass, never);
}

}  // namespace

Finding check_network(const Facts& facts, const Rule& rule) {
  return judge_attempts(facts, rule, "network", "made no connection, and could have made none",
                        "tried to open a network connection");
}

Finding check_labels(const Facts& facts, const Rule& rule) {
  if (!facts.label_copies.empty()) {
    Finding broken = make_finding(facts.edition, rule, Status::kFail,
                                  "the submission carries the leaderboard's labels");
    broken.evidence = facts.label_copies;
    broken.measured = facts.label_copies.size();
    broken.unit = "copies";
    return broken;
  }
  const auto& step = facts.project.reconstruct_step;
  return judge_attempts(
      facts, rule, "open",
      step && step->reads_images
          ? "the image files that it was given hold no label, and it carries no copy"
          : "opened no image file of the leaderboard, none was there, and it carries no copy",
      "tried to open the leaderboard's image files, which hold the labels");
}

/// Where it is refused, the same command would spoil the data of later runs, or the machine, if
/// somebody ran it unprotected.
Finding check_writes(const Facts& facts, const Rule& rule) {
  return judge_attempts(facts, rule, "write",
                        "opened neither its inputs nor settings of the machine for writing",
                        "tried to write to its inputs or to settings of the machine");
}

}  // namespace reconproof::checks
