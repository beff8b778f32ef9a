// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "checks/families.h"
#include "system/terminal.h"

namespace reconproof::checks {

using challenge::Finding;
using challenge::make_finding;
using challenge::Rule;
using challenge::Status;

namespace {

constexpr size_t kTailLines = 12;

Finding timed(const Facts& facts, const Rule& rule, Status status, std::string message) {
  Finding finding = make_finding(facts.edition, rule, status, std::move(message));
  finding.measured = facts.run.wall_s;
  return finding;
}

}  // namespace

bool has_official_gpu(const Facts& facts) {
  return std::find(facts.host.gpus.begin(), facts.host.gpus.end(), facts.edition.official_gpu) !=
         facts.host.gpus.end();
}

std::string prediction_text(const Facts& facts) {
  return facts.prediction ? facts.prediction->text : "not predicted: " + facts.unpredicted_reason;
}

std::string failure_text(const WholeRunResult& run) {
  if (!run.not_run.empty()) return "it could not start: " + run.not_run;
  if (!run.stopped.empty()) return "it was stopped: " + run.stopped;
  if (run.timed_out) return "it was stopped after " + system::duration_text(run.wall_s);
  if (run.signal != 0) return fmt::format("it was killed by signal {}", run.signal);
  if (run.exit_code != 0) return fmt::format("it ended with exit code {}", run.exit_code);
  return "";
}

std::vector<std::string> last_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    if (end > start) lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  if (lines.size() > kTailLines) lines.erase(lines.begin(), lines.end() - kTailLines);
  return lines;
}

Finding unjudged_without_run(const Facts& facts, const Rule& rule) {
  Finding finding = make_finding(facts.edition, rule, Status::kInconclusive,
                                 "not judged: the reconstruct command did not finish");
  finding.remediation = "Mend run.completes first.";
  return finding;
}

Finding check_run_completes(const Facts& facts, const Rule& rule) {
  const WholeRunResult& run = facts.run;
  std::string problem = failure_text(run);
  if (problem.empty() && !run.strange_outputs.empty()) {
    problem = "it left links, devices or other strange files among its outputs";
  }
  if (problem.empty()) {
    return make_finding(facts.edition, rule, Status::kPass,
                        run.isolated ? "the reconstruct command ran to its end in the sandbox"
                                     : "the reconstruct command ran to its end, without a sandbox");
  }
  Finding finding = make_finding(facts.edition, rule, Status::kFail,
                                 "the reconstruct command failed: " + problem);
  finding.evidence = run.strange_outputs;
  const std::vector<std::string> lines = last_lines(run.output_tail);
  finding.evidence.insert(finding.evidence.end(), lines.begin(), lines.end());
  return finding;
}

Finding check_time_total(const Facts& facts, const Rule& rule) {
  const WholeRunResult& run = facts.run;
  if (!run.ok() && !run.timed_out) return unjudged_without_run(facts, rule);
  if (!rule.limit) {
    return make_finding(facts.edition, rule, Status::kInconclusive, "the rule names no limit");
  }
  const std::string took = (run.timed_out ? "was stopped after " : "took ") +
                           system::duration_text(run.wall_s) + " on this machine";
  if (run.wall_s <= *rule.limit) {
    if (!run.timed_out) return timed(facts, rule, Status::kPass, took);
    return timed(facts, rule, Status::kInconclusive, took + " by --timeout, before the limit");
  }
  if (has_official_gpu(facts)) return timed(facts, rule, Status::kFail, took);
  return timed(facts, rule, Status::kInconclusive,
               took + ", which is over the limit but is not the official GPU");
}

Finding check_time_official_gpu(const Facts& facts, const Rule& rule) {
  if (!has_official_gpu(facts)) {
    return make_finding(facts.edition, rule, Status::kInconclusive,
                        fmt::format("this machine has no {}: not measured; {}",
                                    facts.edition.official_gpu, prediction_text(facts)));
  }
  return check_time_total(facts, rule);
}

}  // namespace reconproof::checks
