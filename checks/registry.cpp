// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/registry.h"

#include "checks/families.h"

namespace reconproof::checks {

using challenge::Finding;
using challenge::Rule;
using challenge::Status;

namespace {

struct Entry {
  const char* rule_id;
  Check check;
};

constexpr Entry kChecks[] = {
    {"layout.volumes", check_scored_layout},
    {"layout.shape", check_scored_layout},
    {"layout.float32", check_scored_layout},
    {"values.finite", check_scored_layout},
    {"run.completes", check_run_completes},
    {"time.total", check_time_total},
    {"time.official-gpu", check_time_official_gpu},
    {"memory.gpu", check_gpu_memory},
    {"isolation.network", check_network},
    {"isolation.labels", check_labels},
    {"repeat.equal", check_repeat},
    {"inputs.names", check_file_names},
    {"inputs.folders", check_cell_folders},
    {"outputs.as-handed-in", check_handed_in},
    {"score.claimed", check_claims},
    {"data.overlap", check_overlap},
};

}  // namespace

Check find_check(const std::string& rule_id) {
  for (const Entry& entry : kChecks) {
    if (rule_id == entry.rule_id) return entry.check;
  }
  return nullptr;
}

std::vector<Finding> judge(const Facts& facts) {
  std::vector<Finding> findings;
  for (const Rule& rule : facts.edition.rules) {
    const Check check = find_check(rule.id);
    findings.push_back(
        check ? check(facts, rule)
              : challenge::make_finding(facts.edition, rule, Status::kInconclusive,
                                        "this version of reconproof cannot judge the rule"));
  }
  return findings;
}

}  // namespace reconproof::checks
