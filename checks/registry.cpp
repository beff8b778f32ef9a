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
  Steps steps;
};

// What a run does may show in the second one only, so that isolation needs both; and whoever
// differs from himself cannot be told to differ for a file's name.
constexpr Entry kChecks[] = {
    {"layout.volumes", check_scored_layout, kRun | kScore},
    {"layout.shape", check_scored_layout, kRun | kScore},
    {"layout.float32", check_scored_layout, kRun | kScore},
    {"values.finite", check_scored_layout, kRun | kScore},
    {"run.completes", check_run_completes, kRun},
    {"time.total", check_time_total, kRun},
    {"time.official-gpu", check_time_official_gpu, kRun | kPace},
    {"memory.gpu", check_gpu_memory, kRun},
    {"isolation.network", check_network, kRun | kRepeat},
    {"isolation.labels", check_labels, kRun | kRepeat | kLabelCopies},
    {"isolation.writes", check_writes, kRun | kRepeat},
    {"repeat.equal", check_repeat, kRun | kRepeat},
    {"inputs.names", check_file_names, kRun | kRepeat | kRenamed},
    {"inputs.folders", check_cell_folders, kRun | kRepeat | kExchanged},
    {"inputs.labels", check_poisoned_labels, kRun | kRepeat | kPoisoned},
    {"repeat.threads", check_threads, kRun | kRepeat | kThreads},
    {"inputs.order", check_slice_order, kRun | kRepeat | kRenamed | kExchanged | kHardened},
    {"time.slice", check_time_slice, kRun | kHardened | kPace},
    {"time.slow-volume", check_slow_volume, kRun},
    {"time.in-clock", check_in_clock, kRun | kHardened},
    {"time.prep-volume", check_prep_volume, kRun | kHardened},
    {"outputs.as-handed-in", check_handed_in, kRun | kScore | kHandedIn},
    {"score.claimed", check_claims, kRun | kScore},
    {"data.overlap", check_overlap, kOverlap},
    {"training.starts", check_training_starts, kTraining},
    {"training.seeded", check_training_seeded, kTraining},
    {"training.repeat", check_training_repeat, kTraining},
    {"training.fresh-weights", check_fresh_weights, kTraining},
    {"training.lineage", check_lineage, kLineage},
    {"code.scan", check_code, kCode},
    {"data.near-duplicates", check_near_duplicates, kNearDuplicates},
    {"data.manifest", check_manifest, kManifest},
    {"hand-in.repository", check_hand_in, kHandIn},
    {"hand-in.readme", check_hand_in, kHandIn},
    {"hand-in.weights", check_hand_in, kHandIn},
    {"hand-in.loss-record", check_hand_in, kHandIn},
    {"hand-in.slides", check_hand_in, kHandIn},
    {"hand-in.video", check_hand_in, kHandIn},
};

const Entry* find_entry(const std::string& rule_id) {
  for (const Entry& entry : kChecks) {
    if (rule_id == entry.rule_id) return &entry;
  }
  return nullptr;
}

Finding judge_rule(const Facts& facts, const Rule& rule, const Entry* entry) {
  if (entry) return entry->check(facts, rule);
  return challenge::make_finding(facts.edition, rule, Status::kInconclusive,
                                 "this version of reconproof cannot judge the rule");
}

Finding left_out(const Facts& facts, const Rule& rule) {
  Finding finding = challenge::make_finding(facts.edition, rule, Status::kInconclusive,
                                            "not judged: left out by --only or --skip");
  finding.remediation.clear();  // nothing was found that a team could mend
  return finding;
}

}  // namespace

Check find_check(const std::string& rule_id) {
  const Entry* entry = find_entry(rule_id);
  return entry ? entry->check : nullptr;
}

std::optional<Steps> steps_of(const std::string& rule_id) {
  const Entry* entry = find_entry(rule_id);
  return entry ? std::optional(entry->steps) : std::nullopt;
}

Steps steps_needed(const challenge::Edition& edition, const Selection& selection) {
  Steps steps = 0;
  for (const Rule& rule : edition.rules) {
    const Entry* entry = find_entry(rule.id);
    if (entry && selection.chooses(rule.id)) steps |= entry->steps;
  }
  return steps;
}

std::vector<Finding> judge(const Facts& facts, const Selection& selection, Steps taken) {
  std::vector<Finding> findings;
  for (const Rule& rule : facts.edition.rules) {
    const Entry* entry = find_entry(rule.id);
    const bool chosen = selection.chooses(rule.id);
    const bool known = chosen || (entry && (entry->steps & ~taken) == 0);
    Finding finding = known ? judge_rule(facts, rule, entry) : left_out(facts, rule);
    if (!chosen && finding.status != Status::kFail) finding = left_out(facts, rule);
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace reconproof::checks
