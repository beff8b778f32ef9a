// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Every rule of every rule file: facts that keep it, facts that break it, and where it has a limit,
// a limit that decides. A rule without a fixture here fails the test. How each check judges what it
// cannot know stands in families_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "checks/registry.h"
#include "tests/checks/clean_facts.h"

namespace reconproof::checks {
namespace {

using challenge::Finding;
using challenge::Rule;
using challenge::Status;

/// How clean facts are broken, so that one rule fails.
struct Fixture {
  const char* rule_id;
  std::function<void(Facts&)> break_it;
};

const Fixture kFixtures[] = {
    {"layout.volumes", [](Facts& f) { set_score_finding(f, "layout.volumes", Status::kFail); }},
    {"layout.shape", [](Facts& f) { set_score_finding(f, "layout.shape", Status::kFail); }},
    {"layout.float32", [](Facts& f) { set_score_finding(f, "layout.float32", Status::kFail); }},
    {"values.finite", [](Facts& f) { set_score_finding(f, "values.finite", Status::kFail); }},
    {"run.completes", [](Facts& f) { f.run.exit_code = 1; }},
    {"time.total", [](Facts& f) { f.run.wall_s = 1e6; }},
    {"time.official-gpu", [](Facts& f) { f.run.wall_s = 1e6; }},
    {"memory.gpu", [](Facts& f) { f.run.gpu.peak_tree_bytes = int64_t{9} << 30; }},
    {"isolation.network",
     [](Facts& f) {
       f.run.attempts = {{"network", "connect", 1}};
     }},
    {"isolation.labels",
     [](Facts& f) {
       f.run.attempts = {{"open", "acc4/image/a.h5", 1}};
     }},
    {"isolation.writes",
     [](Facts& f) {
       f.run.attempts = {{"write", "/proc/sys/vm/overcommit_memory", 1}};
     }},
    {"repeat.equal", [](Facts& f) { f.repeat_comparison->equal = false; }},
    {"inputs.names", [](Facts& f) { f.renamed->comparison.equal = false; }},
    {"inputs.folders", [](Facts& f) { f.exchanged->comparison.equal = false; }},
    {"inputs.order", [](Facts& f) { f.hardened->comparison.equal = false; }},
    {"time.slice",
     [](Facts& f) {
       f.slices->hardened[0].slice_s = {3, 3};
     }},
    {"time.slow-volume",
     [](Facts& f) {
       f.slices->official[0].slice_s = {40, 40};
     }},
    {"time.in-clock",
     [](Facts& f) {
       f.slices->official[0].slice_s = {0.02, 0.02};
     }},
    {"time.prep-volume", [](Facts& f) { f.slices->hardened[0].computed_before = true; }},
    {"inputs.labels", [](Facts& f) { f.poisoned->comparison.equal = false; }},
    {"repeat.threads", [](Facts& f) { f.threads->variant.comparison.max_relative = 0.1; }},
    {"outputs.as-handed-in",
     [](Facts& f) {
       f.handed_in_comparison->equal = false;
       f.handed_in->items[0].printed = "0.0001";
     }},
    {"training.starts",
     [](Facts& f) {
       f.trainings[0].first->run.attempts = {{"open", "/root/Data/leaderboard/acc4", 1}};
     }},
    {"training.seeded", [](Facts& f) { f.trainings[0].again = clean_training(431); }},
    {"training.repeat",
     [](Facts& f) { f.trainings[0].again->watched.trainings[0].series.steps[3].loss = 0.7; }},
    {"training.fresh-weights",
     [](Facts& f) {
       f.trainings[0].other->watched.trainings[0].tensors =
           f.trainings[0].first->watched.trainings[0].tensors;
     }},
    {"score.claimed", [](Facts& f) { f.project.claims.begin()->second = "0.0001"; }},
    {"training.lineage", [](Facts& f) { f.lineages[0].origins.clear(); }},
    {"code.scan",
     [](Facts& f) {
       f.code.findings = {{"download", "train.py", 3, "requests.get(...)"}};
     }},
    {"data.manifest", [](Facts& f) { f.manifest->foreign = {"train/kspace/a.h5: altered"}; }},
    {"data.overlap", [](Facts& f) { f.overlap->matches = {"train/kspace/a.h5 slice 0 = b"}; }},
    {"data.near-duplicates",
     [](Facts& f) {
       f.near_duplicates->found = {{"train/kspace/a.h5 slice 0", "b", Likeness::kCopy, {}}};
     }},
    {"hand-in.repository", [](Facts& f) { f.hand_in.changed = {"train.py"}; }},
    {"hand-in.readme", [](Facts& f) { f.hand_in.paths.erase("data/code/README.md"); }},
    {"hand-in.weights",
     [](Facts& f) { f.hand_in.opaque["data/weights/best_model.pt"] = "a class of its own"; }},
    {"hand-in.loss-record", [](Facts& f) { f.hand_in.paths.erase("data/logs/val_loss_log.npy"); }},
    {"hand-in.slides",
     [](Facts& f) { f.hand_in.paths.erase("data/attachments/slides/talk.pptx"); }},
    {"hand-in.video", [](Facts& f) { f.hand_in.paths.erase("data/attachments/video/talk.mp4"); }},
};

const Fixture* find_fixture(const std::string& rule_id) {
  const auto found = std::ranges::find_if(
      kFixtures, [&](const Fixture& fixture) { return fixture.rule_id == rule_id; });
  return found == std::end(kFixtures) ? nullptr : &*found;
}

struct Case {
  std::string edition_id, rule_id;
};

void PrintTo(const Case& rule, std::ostream* out) {
  *out << rule.rule_id << " of " << rule.edition_id;
}

std::vector<Case> every_rule(bool only_limits) {
  std::vector<Case> rules;
  for (const std::string& id : challenge::edition_ids()) {
    for (const Rule& rule : challenge::find_edition(id).rules)
      if (rule.limit || !only_limits) rules.push_back({id, rule.id});
  }
  return rules;
}

std::string test_name(const testing::TestParamInfo<Case>& parameter) {
  std::string name = parameter.param.edition_id + "_" + parameter.param.rule_id;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

class EveryRule : public testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Editions, EveryRule, testing::ValuesIn(every_rule(false)), test_name);

TEST_P(EveryRule, PassesAndFails) {
  const auto& [edition_id, rule_id] = GetParam();
  ASSERT_NE(find_check(rule_id), nullptr) << "no check judges it (checks/registry.cpp)";
  const Fixture* fixture = find_fixture(rule_id);
  ASSERT_NE(fixture, nullptr) << "give it a fixture in this file";

  Facts facts = clean_facts(edition_id);
  const Finding kept = judged(facts, rule_id);
  EXPECT_EQ(kept.status, Status::kPass) << kept.message;
  EXPECT_EQ(kept.remediation, "");

  fixture->break_it(facts);
  const Finding broken = judged(facts, rule_id);
  const Rule& rule = facts.edition.rule(rule_id);
  EXPECT_EQ(broken.status, Status::kFail) << broken.message;
  EXPECT_EQ(broken.severity, rule.severity);
  EXPECT_EQ(broken.remediation, rule.remediation);
  EXPECT_EQ(broken.source, rule.source);
  EXPECT_EQ(broken.ruleset, facts.edition.ruleset());
}

class EveryLimit : public testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Editions, EveryLimit, testing::ValuesIn(every_rule(true)), test_name);

// The same submission: only the number in the rule file moves.
TEST_P(EveryLimit, MovesTheVerdict) {
  const auto& [edition_id, rule_id] = GetParam();
  Facts facts = clean_facts(edition_id);
  const double measured = judged(facts, rule_id).measured.get<double>();
  const auto judged_with = [&](double limit) {
    for (Rule& rule : facts.edition.rules) {
      if (rule.id != rule_id) continue;
      rule.limit = limit;
      if (rule.limit_high) rule.limit_high = limit;
    }
    const Finding finding = judged(facts, rule_id);
    EXPECT_EQ(finding.limit, limit);
    return finding.status;
  };
  EXPECT_EQ(judged_with(measured), Status::kPass) << "at the limit";
  EXPECT_EQ(judged_with(measured * 0.999), Status::kFail);
  EXPECT_EQ(judged_with(measured * 1.001), Status::kPass);
}

TEST(Rules, SomeHaveLimits) { EXPECT_THAT(every_rule(true), testing::SizeIs(testing::Gt(3u))); }

TEST(Rules, NoFixtureIsLeftOver) {
  const std::vector<Case> rules = every_rule(false);
  for (const Fixture& fixture : kFixtures) {
    EXPECT_TRUE(std::ranges::any_of(
        rules, [&](const Case& rule) { return rule.rule_id == fixture.rule_id; }))
        << fixture.rule_id << " is in no rule file";
  }
}

}  // namespace
}  // namespace reconproof::checks
