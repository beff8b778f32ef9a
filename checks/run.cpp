// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "checks/families.h"
#include "system/terminal.h"

namespace reconproof::checks {

using challenge::Finding;
using challenge::Rule;
using challenge::Status;
using challenge::make_finding;

namespace {

constexpr size_t kTailLines = 12;

/// The last lines that the command printed: what a person looks at first.
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

bool has_official_gpu(const Facts& facts) {
  return std::find(facts.host.gpus.begin(), facts.host.gpus.end(), facts.edition.official_gpu) !=
         facts.host.gpus.end();
}

Finding timed(const Facts& facts, const Rule& rule, Status status, std::string message) {
  Finding finding = make_finding(facts.edition, rule, status, std::move(message));
  finding.measured = facts.run.wall_s;
  return finding;
}

}  // namespace

Finding unjudged_without_run(const Facts& facts, const Rule& rule) {
  Finding finding = make_finding(facts.edition, rule, Status::kInconclusive,
                                 "not judged: the reconstruct command did not finish");
  finding.remediation = "Mend run.completes first.";
  return finding;
}

Finding check_run_completes(const Facts& facts, const Rule& rule) {
  const WholeRunResult& run = facts.run;
  std::string message;
  if (!run.not_run.empty()) {
    message = "could not start: " + run.not_run;
  } else if (!run.stopped.empty()) {
    message = "was stopped: " + run.stopped;
  } else if (run.timed_out) {
    message = "was stopped after " + system::duration_text(run.wall_s) + ", far beyond the limit";
  } else if (run.signal != 0) {
    message = fmt::format("was killed by signal {}", run.signal);
  } else if (run.exit_code != 0) {
    message = fmt::format("ended with exit code {}", run.exit_code);
  } else if (!run.strange_outputs.empty()) {
    message = "left links, devices or other strange files among its outputs";
  }
  const bool pass = message.empty();
  Finding finding = make_finding(
      facts.edition, rule, pass ? Status::kPass : Status::kFail,
      pass ? fmt::format("the reconstruct command ran to its end{}",
                         run.isolated ? " in the sandbox" : ", without a sandbox")
           : "the reconstruct command " + message);
  if (!pass) {
    finding.evidence = run.strange_outputs;
    const std::vector<std::string> lines = last_lines(run.output_tail);
    finding.evidence.insert(finding.evidence.end(), lines.begin(), lines.end());
  }
  return finding;
}

Finding check_time_total(const Facts& facts, const Rule& rule) {
  if (!facts.run.ok() && !facts.run.timed_out) {
    return unjudged_without_run(facts, rule);
  }
  const std::string took = "took " + system::duration_text(facts.run.wall_s) + " on this machine";
  if (facts.run.wall_s <= *rule.limit) return timed(facts, rule, Status::kPass, took);
  if (has_official_gpu(facts)) return timed(facts, rule, Status::kFail, took);
  return timed(facts, rule, Status::kInconclusive,
               took + ", which is over the limit but is not the official GPU");
}

Finding check_time_official_gpu(const Facts& facts, const Rule& rule) {
  if (!has_official_gpu(facts)) {
    return make_finding(facts.edition, rule, Status::kInconclusive,
                        "this machine has no " + facts.edition.official_gpu + ": not measured");
  }
  return check_time_total(facts, rule);
}

}  // namespace reconproof::checks
