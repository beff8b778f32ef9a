// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "checks/families.h"

namespace reconproof::checks {

using challenge::Finding;
using challenge::make_finding;
using challenge::Rule;
using challenge::Status;

namespace {

constexpr size_t kShown = 50;

}  // namespace

Finding check_code(const Facts& facts, const Rule& rule) {
  const CodeScan& scan = facts.code;
  if (scan.files == 0) {
    return make_finding(facts.edition, rule, Status::kNotApplicable,
                        "there is no Python, shell or notebook code here");
  }
  const int64_t found = std::ssize(scan.findings) + scan.beyond;
  Finding finding = make_finding(
      facts.edition, rule, found > 0 ? Status::kFail : Status::kPass,
      found > 0
          ? fmt::format("{} places in {} files of code are for a person to look at", found,
                        scan.files)
          : fmt::format("nothing suspicious stands in {} files of code; what code hides, a scan of "
                        "its text does not see",
                        scan.files));
  finding.measured = found;
  for (const CodeFinding& place : scan.findings) {
    if (finding.evidence.size() == kShown) break;
    finding.evidence.push_back(
        fmt::format("{}:{}: {}: {}", place.file, place.line, place.kind, place.what));
  }
  if (found > std::ssize(finding.evidence))
    finding.evidence.push_back(fmt::format("and {} more", found - std::ssize(finding.evidence)));
  for (const std::string& reason : scan.unread) finding.evidence.push_back("not read: " + reason);
  return finding;
}

}  // namespace reconproof::checks
