// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// --only and --skip: what they choose, what need not be done for it, and that no fail becomes a
// pass.
#include "checks/selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/registry.h"
#include "system/error.h"
#include "tests/checks/clean_facts.h"

namespace reconproof::checks {
namespace {

using challenge::Finding;
using challenge::Rule;
using challenge::Status;
using system::ExitCode;
using testing::HasSubstr;

const challenge::Edition& edition() { return challenge::find_edition("snu-2025"); }

Status status_of(const std::vector<Finding>& findings, const std::string& rule_id) {
  for (const Finding& finding : findings)
    if (finding.rule_id == rule_id) return finding.status;
  throw std::logic_error("no finding for " + rule_id);
}

TEST(Selection, ChoosesByIdAndByBeginning) {
  EXPECT_TRUE(Selection{}.chooses("time.total"));
  const Selection only{.only = {"time.", "data.overlap"}, .skip = {"time.official-gpu"}};
  EXPECT_TRUE(only.chooses("time.total"));
  EXPECT_TRUE(only.chooses("data.overlap"));
  EXPECT_FALSE(only.chooses("time.official-gpu"));
  EXPECT_FALSE(only.chooses("layout.shape"));
  // A beginning ends in a dot: an id is only itself.
  EXPECT_FALSE((Selection{.only = {"time"}, .skip = {}}.chooses("time.total")));
  EXPECT_FALSE((Selection{.only = {"data.overlap"}, .skip = {}}.chooses("data.overlaps")));
}

TEST(Selection, UnknownRulesAreAUsageErrorThatNamesTheKnown) {
  for (const Selection& selection :
       {Selection{.only = {"time.total", "time.totle"}, .skip = {}},
        Selection{.only = {}, .skip = {"tim."}}, Selection{.only = {"."}, .skip = {}}}) {
    try {
      require_rules(selection, edition());
      ADD_FAILURE() << "accepted";
    } catch (const system::Error& error) {
      EXPECT_EQ(error.code(), system::Code::kUsage);
      EXPECT_THAT(error.what(), HasSubstr("layout.volumes, layout.shape"));
    }
  }
  EXPECT_NO_THROW(require_rules({.only = {"time."}, .skip = {"data.overlap"}}, edition()));
  EXPECT_THROW(require_rules({.only = {"time."}, .skip = {"time."}}, edition()), system::Error);
}

TEST(Selection, StepsAreThoseOfTheChosenRules) {
  const auto steps = [](std::vector<std::string> only) {
    return steps_needed(edition(), {.only = std::move(only), .skip = {}});
  };
  EXPECT_EQ(steps({}), kEveryStep & ~kHardened);
  EXPECT_EQ(steps_needed(challenge::find_edition("snu-2026"), {}), kEveryStep);
  EXPECT_EQ(steps({"data.overlap"}), kOverlap);
  EXPECT_EQ(steps({"time."}), kRun | kPace);
  EXPECT_EQ(steps({"layout.", "data."}), kRun | kScore | kOverlap | kNearDuplicates | kManifest);
  EXPECT_EQ(steps({"inputs.names"}), kRun | kRepeat | kRenamed);
  // A connection in the second run only would go unseen.
  EXPECT_EQ(steps({"isolation.network"}), kRun | kRepeat);
  EXPECT_EQ(
      steps_needed(edition(), {.only = {}, .skip = {"repeat.", "isolation.", "inputs."}}) & kRepeat,
      0u);
}

TEST(Selection, WhatIsLeftOutIsInconclusive) {
  const Selection selection{.only = {"time.total"}, .skip = {}};
  const std::vector<Finding> findings = judge(clean_facts(), selection, kRun);
  ASSERT_EQ(findings.size(), edition().rules.size());
  for (const Finding& finding : findings) {
    const bool chosen = finding.rule_id == "time.total";
    EXPECT_EQ(finding.status, chosen ? Status::kPass : Status::kInconclusive);
    EXPECT_EQ(finding.message.find("left out by --only or --skip") != std::string::npos, !chosen);
  }
  EXPECT_EQ(challenge::exit_code_of(findings), ExitCode::kInconclusive);
}

TEST(Selection, AFailThatWasSeenStaysOne) {
  Facts facts = clean_facts();
  set_score_finding(facts, "values.finite", Status::kFail);
  const Selection selection{.only = {}, .skip = {"values.finite"}};
  const std::vector<Finding> findings = judge(facts, selection, steps_needed(edition(), selection));
  EXPECT_EQ(status_of(findings, "values.finite"), Status::kFail);
  EXPECT_EQ(challenge::exit_code_of(findings), ExitCode::kRuleBroken);
}

// Facts of steps that were not taken are empty, and prove nothing: no run is no failed run.
TEST(Selection, StepsThatWereNotTakenProveNothing) {
  Facts facts = clean_facts();
  facts.run = {};
  facts.score.reset();
  const std::vector<Finding> findings =
      judge(facts, {.only = {"data.overlap"}, .skip = {}}, kOverlap);
  EXPECT_EQ(status_of(findings, "run.completes"), Status::kInconclusive);
  EXPECT_EQ(status_of(findings, "data.overlap"), Status::kPass);
}

TEST(Selection, NoRuleOfAnyEditionPassesByBeingLeftOut) {
  for (const std::string& id : challenge::edition_ids()) {
    for (const Rule& rule : challenge::find_edition(id).rules) {
      Facts facts = clean_facts(id);
      const Selection selection{.only = {}, .skip = {rule.id}};
      const std::vector<Finding> findings =
          judge(facts, selection, steps_needed(facts.edition, selection));
      EXPECT_EQ(status_of(findings, rule.id), Status::kInconclusive) << id << " " << rule.id;
      EXPECT_EQ(challenge::exit_code_of(findings), ExitCode::kInconclusive);
    }
  }
}

}  // namespace
}  // namespace reconproof::checks
