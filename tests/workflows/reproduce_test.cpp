// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "system/error.h"
#include "workflows/reproduce/compare.h"
#include "workflows/reproduce/training.h"

namespace reconproof::workflows {
namespace {

using challenge::Edition;
using challenge::ScoreResult;
using nlohmann::json;
using system::ExitCode;

const Edition& edition() { return challenge::find_edition("snu-2025"); }

ScoreResult score_of(const std::string& total, const std::string& acc4 = "0.9000") {
  ScoreResult score;
  score.complete = true;
  score.expected_volumes = 2;
  for (const auto& [name, printed] :
       {std::pair{"total", total}, {"acc4", acc4}, {"acc8", std::string("0.8000")}})
    score.items.push_back({name, std::stod(printed), printed, "", {}});
  return score;
}

Claims claims_of(const std::string& total) { return {{{"total", total}}, {}}; }

Agreement of(Tier tier) { return {tier, "", {}}; }

Comparisons pattern(Tier claim, Tier images, Tier again) {
  return {of(claim), of(images), of(again), {}};
}

TEST(ReproduceClaims, ArePrintedDigits) {
  const ScoreResult score = score_of("0.8500");
  EXPECT_EQ(compare_with_claims(edition(), claims_of("0.8500"), score).tier, Tier::kScore);
  EXPECT_EQ(compare_with_claims(edition(), claims_of("0.85"), score).tier, Tier::kScore);
  const Agreement edited = compare_with_claims(edition(), claims_of("0.8501"), score);
  EXPECT_EQ(edited.tier, Tier::kMismatch);
  EXPECT_EQ(edited.evidence, std::vector<std::string>{"total: claimed '0.8501', here 0.8500"});
}

TEST(ReproduceClaims, OfTheTeamsCheckBindToo) {
  Claims claims = claims_of("0.8500");
  claims.checked = {{"total", "0.8500"}, {"acc4", "0.9001"}};
  const Agreement agreement = compare_with_claims(edition(), claims, score_of("0.8500"));
  EXPECT_EQ(agreement.tier, Tier::kMismatch);
  EXPECT_EQ(agreement.evidence,
            std::vector<std::string>{"acc4: the team's check printed '0.9001', here 0.9000"});
}

TEST(ReproduceClaims, WithoutOneThereIsNothingToCompare) {
  EXPECT_EQ(compare_with_claims(edition(), {}, ScoreResult()).tier, Tier::kNotApplicable);
}

TEST(ReproduceClaims, AreNotKeptByHalfAScore) {
  ScoreResult half;
  half.expected_volumes = 4;
  const Agreement agreement = compare_with_claims(edition(), claims_of("0.8500"), half);
  EXPECT_EQ(agreement.tier, Tier::kMismatch);
  EXPECT_EQ(agreement.message, "there is no full score: 0 of 4 expected volumes counted");
}

TEST(ReproduceClaims, OfAnUnknownItemAreWrong) {
  const Claims claims = {{{"acc16", "0.5000"}}, {}};
  EXPECT_EQ(compare_with_claims(edition(), claims, score_of("0.8500")).tier, Tier::kMismatch);
  EXPECT_EQ(compare_with_claims(edition(), {{{"total", "a lot"}}, {}}, score_of("0.8500")).tier,
            Tier::kMismatch);
}

TEST(ReproduceClaims, ThatDependOnATimeStayOpen) {
  const Edition& timed = challenge::find_edition("snu-2026");
  ScoreResult score;
  score.complete = true;
  score.items.push_back({"ssim_full", 0.9, "0.9000", "", {}});
  const Claims claims = {{{"ssim_full", "0.9000"}, {"score", "0.9100"}}, {}};
  EXPECT_EQ(compare_with_claims(timed, claims, score).tier, Tier::kInconclusive);
}

TEST(ReproduceClaims, OfAnotherTypeAreMalformed) {
  for (const char* text : {R"({"claims": []})", R"({"claims": {"total": 1}})", R"({"score": 3})",
                           R"({"score": {"items": [{"name": "total"}]}})",
                           R"({"score": {"items": {}}})", R"({"score": {"items": ["total"]}})"}) {
    EXPECT_THROW(parse_claims(json::parse(text), "claims.json"), system::Error) << text;
  }
  const Claims claims = parse_claims(json::parse(R"({"claims": {"total": "0.1"},
                      "score": {"items": [{"name": "acc4", "printed": "0.2"}]}})"),
                                     "claims.json");
  EXPECT_EQ(claims.said.at("total"), "0.1");
  EXPECT_EQ(claims.checked.at("acc4"), "0.2");
  EXPECT_TRUE(parse_claims(json::parse(R"({"claims": {}, "score": null})"), "").empty());
}

TEST(ReproduceItems, StandSideBySide) {
  const ScoreResult recomputed = score_of("0.8500"), again = score_of("0.8600");
  Claims claims = claims_of("0.8499");
  claims.said["acc16"] = "1";
  claims.checked["acc4"] = "0.9100";
  const std::vector<ItemRow> rows = item_rows(edition(), claims, &recomputed, &again);
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].name, "total");
  EXPECT_EQ(rows[0].claimed, "0.8499");
  EXPECT_EQ(rows[0].recomputed, "0.8500");
  EXPECT_EQ(rows[0].re_executed, "0.8600");
  EXPECT_EQ(rows[1].checked, "0.9100");
  EXPECT_EQ(rows[3].name, "acc16");
  EXPECT_EQ(rows[3].recomputed, "");
  EXPECT_TRUE(item_rows(edition(), {}, nullptr, nullptr).empty());
}

const Tolerance kTight = {1e-4, "the same kind of machine (X)"};

checks::Comparison differing(double relative) {
  checks::Comparison comparison;
  comparison.equal = false;
  comparison.volumes = 2;
  comparison.differences = {"acc4/a.h5: slice 3 is the first to differ"};
  comparison.max_relative = relative;
  comparison.largest_at = "acc4/a.h5, slice 3";
  return comparison;
}

TEST(ReproduceImages, NamesTheStrongestTier) {
  checks::Comparison equal;
  equal.volumes = 2;
  const ScoreResult score = score_of("0.8500"), other = score_of("0.8400");
  const Agreement bitwise = compare_with_bundled(equal, 1, kTight, &score, &score);
  EXPECT_EQ(bitwise.tier, Tier::kBitwise);
  EXPECT_EQ(bitwise.message,
            "all 2 volumes, every value bit for bit; of their files 1 are the same byte for byte");
  const Agreement numeric = compare_with_bundled(differing(1e-5), 0, kTight, &score, &score);
  EXPECT_EQ(numeric.tier, Tier::kNumeric);
  EXPECT_EQ(numeric.message,
            "1 of 2 volumes differ, by at most 1e-05 of a volume's maximum (acc4/a.h5, slice 3); "
            "0.0001 is the tolerance for the same kind of machine (X)");
  EXPECT_EQ(compare_with_bundled(differing(2e-4), 0, kTight, &score, &score).tier, Tier::kScore);
  EXPECT_EQ(compare_with_bundled(differing(2e-4), 0, kTight, &score, &other).tier, Tier::kMismatch);
}

TEST(ReproduceImages, WithoutAScoreALargeDifferenceStaysOpen) {
  EXPECT_EQ(compare_with_bundled(differing(2e-4), 0, kTight, nullptr, nullptr).tier,
            Tier::kInconclusive);
  EXPECT_EQ(compare_with_bundled(differing(2e-5), 0, kTight, nullptr, nullptr).tier,
            Tier::kNumeric);
}

TEST(ReproduceImages, OfOtherNamesOrShapesAreNeverNumericallyEqual) {
  checks::Comparison comparison = differing(0);
  comparison.incomparable = 1;
  const ScoreResult score = score_of("0.8500"), other = score_of("0.8400");
  EXPECT_EQ(compare_with_bundled(comparison, 0, kTight, &score, &other).tier, Tier::kMismatch);
  ScoreResult half = score;
  half.complete = false;
  EXPECT_EQ(compare_with_bundled(comparison, 0, kTight, &half, &half).tier, Tier::kMismatch);
  EXPECT_EQ(compare_with_bundled(checks::Comparison(), 0, kTight, &half, &half).tier,
            Tier::kMismatch)
      << "no volume at all";
}

TEST(ReproduceImages, ToleranceDependsOnBothMachines) {
  system::HostInfo here;
  here.cpu = "CPU A";
  const json same = {{"cpu", "CPU A"}, {"gpus", json::array()}};
  EXPECT_EQ(tolerance_between(same, here).relative, 1e-4);
  EXPECT_EQ(tolerance_between(same, here).applies_to, "the same kind of machine (CPU A)");
  here.gpus = {"GPU B"};
  EXPECT_EQ(tolerance_between(same, here).relative, 1e-3);
  EXPECT_EQ(tolerance_between(same, here).applies_to, "another machine: CPU A there, GPU B here");
  for (const json& nothing : {json(), json::object(), json(3), json{{"gpus", 4}, {"cpu", 5}}})
    EXPECT_EQ(tolerance_between(nothing, here).applies_to,
              "another machine: an unknown machine there, GPU B here");
}

TEST(ReproduceRun, ThatFailedIsAMismatchUnlessTheMachineIsWhy) {
  checks::WholeRunResult run;
  run.exit_code = 3;
  system::HostInfo without, with;
  with.gpus = {"GPU"};
  EXPECT_EQ(compare_failed_run(run, without).tier, Tier::kMismatch);
  run.output_tail = "RuntimeError: Found no NVIDIA driver on your system\n";
  EXPECT_EQ(compare_failed_run(run, without).tier, Tier::kInconclusive);
  EXPECT_EQ(compare_failed_run(run, with).tier, Tier::kMismatch);
  run.output_tail = "RuntimeError: CUDA out of memory. Tried\n";
  EXPECT_EQ(compare_failed_run(run, with).tier, Tier::kInconclusive);
  run = {};
  run.timed_out = true;
  EXPECT_EQ(compare_failed_run(run, with).tier, Tier::kInconclusive);
  run = {};
  run.stopped = "used more memory than the limit";
  EXPECT_EQ(compare_failed_run(run, with).tier, Tier::kInconclusive);
  run = {};
  run.not_run = "read_only: /opt/x is not there";
  EXPECT_EQ(compare_failed_run(run, with).tier, Tier::kInconclusive);
}

TEST(ReproduceVerdict, NamesWhatFailed) {
  const Tier good = Tier::kScore, bad = Tier::kMismatch;
  EXPECT_EQ(pattern(good, Tier::kBitwise, good).exit_code(), ExitCode::kPass);
  EXPECT_EQ(pattern(good, Tier::kBitwise, good).verdict(), "REPRODUCED, bitwise");
  EXPECT_EQ(pattern(bad, Tier::kBitwise, bad).exit_code(), ExitCode::kNotReproduced);
  EXPECT_EQ(pattern(bad, Tier::kBitwise, bad).verdict(),
            "NOT REPRODUCED: recomputed against claimed, re-executed against claimed. This points "
            "at the claim: the bundled reconstructions are what the command makes, and score "
            "otherwise");
  EXPECT_TRUE(pattern(bad, bad, good).points_at().starts_with("the bundled reconstructions"));
  EXPECT_TRUE(pattern(good, bad, bad).points_at().starts_with("weights or code"));
  EXPECT_TRUE(pattern(Tier::kNotApplicable, bad, Tier::kNotApplicable)
                  .points_at()
                  .starts_with("weights, code or reconstructions"));
  EXPECT_EQ(pattern(bad, bad, bad).points_at(), "more than one part of the bundle");
  EXPECT_EQ(pattern(good, Tier::kInconclusive, Tier::kInconclusive).points_at(), "");
}

TEST(ReproduceVerdict, AMismatchOutweighsWhatIsOpen) {
  Comparisons open = pattern(Tier::kScore, Tier::kInconclusive, Tier::kInconclusive);
  EXPECT_EQ(open.exit_code(), ExitCode::kInconclusive);
  EXPECT_EQ(open.verdict(),
            "INCONCLUSIVE: re-executed against bundled, re-executed against claimed");
  open.recomputed_claimed.tier = Tier::kMismatch;
  EXPECT_EQ(open.exit_code(), ExitCode::kNotReproduced);
  Comparisons trained = pattern(Tier::kScore, Tier::kBitwise, Tier::kScore);
  trained.trainings = {{"training against its ledger", of(Tier::kMismatch)}};
  EXPECT_EQ(trained.exit_code(), ExitCode::kNotReproduced);
  EXPECT_EQ(trained.verdict(), "NOT REPRODUCED: training against its ledger");
}

// ---- trainings ----

checks::WatchedTraining watched(double second_loss, const std::string& initial, bool own) {
  checks::WatchedTraining training;
  training.series.steps = {{0, "a.h5, slice 0", 0.5, 1.0, 0},
                           {1, "a.h5, slice 1", second_loss, 1.0, 0}};
  training.series.weights = {{0, initial}};
  training.torch = "1.13.1", training.device = "cpu", training.threads = 2;
  training.own = own;
  training.stopped = true;
  return training;
}

checks::Facts trained(const checks::WatchedTraining& first, const checks::WatchedTraining& again) {
  checks::Facts facts;
  facts.project.train_steps.emplace_back();
  checks::TrainingReplays replays;
  replays.updates = 2;
  replays.first.emplace().watched.trainings = {first};
  replays.again.emplace().watched.trainings = {again};
  facts.trainings = {replays};
  return facts;
}

BundledLedger ledger_of(const checks::WatchedTraining& training) {
  return {training.series, {{"torch", training.torch}, {"device", "cpu"}, {"threads", 2}}};
}

TEST(ReproduceTraining, IsHeldAgainstTheBundledLedger) {
  const auto here = watched(0.25, "w", true);
  checks::WatchedTraining longer = here;
  longer.series.steps.push_back({2, "", 0.1, 1.0, 0});
  const auto same = compare_trainings(trained(here, here), ledger_of(longer));
  ASSERT_EQ(same.size(), 1u);
  EXPECT_EQ(same[0].first, "training against its ledger");
  EXPECT_EQ(same[0].second.tier, Tier::kBitwise) << same[0].second.message;
  const auto other = watched(0.2500001, "w", true);
  EXPECT_EQ(compare_trainings(trained(here, here), ledger_of(other))[0].second.tier,
            Tier::kMismatch);
}

TEST(ReproduceTraining, OnAnotherMachineRoundingIsNoOtherTraining) {
  const auto here = watched(0.25, "w", true), rounded = watched(0.2500001, "w", true),
             other = watched(0.26, "w", true), seed = watched(0.25, "v", true);
  const auto tier = [&](const checks::WatchedTraining& then) {
    BundledLedger ledger = ledger_of(then);
    ledger.machine["device"] = "cuda";
    return compare_trainings(trained(here, here), ledger)[0].second.tier;
  };
  EXPECT_EQ(tier(rounded), Tier::kNumeric);
  EXPECT_EQ(tier(other), Tier::kMismatch);
  EXPECT_EQ(tier(seed), Tier::kMismatch) << "initial weights do not depend on rounding";
}

TEST(ReproduceTraining, WithoutALedgerIsHeldAgainstItself) {
  const auto here = watched(0.25, "w", false), other = watched(0.26, "w", false);
  const auto same = compare_trainings(trained(here, here), {});
  EXPECT_EQ(same[0].first, "training against itself");
  EXPECT_EQ(same[0].second.tier, Tier::kBitwise);
  EXPECT_NE(same[0].second.message.find("no ledger to compare with"), std::string::npos);
  EXPECT_EQ(compare_trainings(trained(here, other), {})[0].second.tier, Tier::kMismatch);
}

TEST(ReproduceTraining, ThatIsNotDeclaredOrNotPossibleSaysSo) {
  checks::Facts facts;
  EXPECT_EQ(compare_trainings(facts, {})[0].second.tier, Tier::kNotApplicable);
  facts.project.train_steps.emplace_back();
  facts.trainings_absent_reason = "the training data are not here";
  EXPECT_EQ(compare_trainings(facts, {})[0].second.tier, Tier::kInconclusive);
  facts = trained(watched(0.25, "w", true), watched(0.25, "w", true));
  facts.trainings[0].first->watched.fault = "torn";
  EXPECT_EQ(compare_trainings(facts, {})[0].second.tier, Tier::kInconclusive);
}

}  // namespace
}  // namespace reconproof::workflows
