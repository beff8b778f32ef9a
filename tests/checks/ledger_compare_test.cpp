// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/determinism/ledger_compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "checks/determinism/official_log.h"
#include "system/error.h"

namespace reconproof::checks {
namespace {

using testing::HasSubstr;

/// Ten steps, weights before the first and after each fifth.
StepSeries series() {
  StepSeries made;
  made.weights = {{0, "initial"}, {5, "after 5"}, {10, "after 10"}};
  for (int64_t i = 0; i < 10; ++i) {
    StepRecord step;
    step.iteration = i;
    step.slices = "a.h5, slice " + std::to_string(i);
    step.loss = 0.5 - 0.01 * static_cast<double>(i);
    step.grad_norm = 2;
    made.steps.push_back(step);
  }
  return made;
}

TEST(LedgerCompare, EqualSeriesAreEqual) {
  const SeriesComparison comparison = compare_series(series(), series());
  EXPECT_TRUE(comparison.equal());
  EXPECT_EQ(comparison.steps, 10);
  EXPECT_EQ(comparison.initial_weights, true);
  EXPECT_FALSE(comparison.digits);
  EXPECT_EQ(comparison_text(comparison), "they are equal over the 10 steps that both have");
}

struct SeriesCase {
  const char* name;
  std::function<void(StepSeries&)> change;
  Quantity quantity;
  int64_t iteration;
};

const SeriesCase kSeriesCases[] = {
    {"InitialWeights", [](StepSeries& s) { s.weights[0].sha256 = "x"; }, Quantity::kInitialWeights,
     0},
    {"Slices", [](StepSeries& s) { s.steps[3].slices = "b.h5, slice 0"; }, Quantity::kSlices, 3},
    {"Loss", [](StepSeries& s) { *s.steps[3].loss = std::nextafter(*s.steps[3].loss, 1); },
     Quantity::kLoss, 3},
    {"GradNorm", [](StepSeries& s) { *s.steps[4].grad_norm += 1e-12; }, Quantity::kGradNorm, 4},
    {"Skipped", [](StepSeries& s) { s.steps[4].skipped = 1; }, Quantity::kGradNorm, 4},
    {"Weights", [](StepSeries& s) { s.weights[1].sha256 = "x"; }, Quantity::kWeights, 5},
    {"WeightsBeforeTheNextLoss",
     [](StepSeries& s) {
       s.weights[1].sha256 = "x";
       *s.steps[5].loss += 0.1;
     },
     Quantity::kWeights, 5},
    {"LastWeights", [](StepSeries& s) { s.weights[2].sha256 = "x"; }, Quantity::kWeights, 10},
    {"LossBeforeItsWeights",
     [](StepSeries& s) {
       s.weights[1].sha256 = "x";
       *s.steps[4].loss += 0.1;
     },
     Quantity::kLoss, 4},
};

void PrintTo(const SeriesCase& c, std::ostream* out) { *out << c.name; }

class FirstDivergence : public testing::TestWithParam<SeriesCase> {};
INSTANTIATE_TEST_SUITE_P(All, FirstDivergence, testing::ValuesIn(kSeriesCases),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

TEST_P(FirstDivergence, IsTheEarliest) {
  StepSeries other = series();
  GetParam().change(other);
  const SeriesComparison comparison = compare_series(series(), other);
  ASSERT_TRUE(comparison.first);
  EXPECT_EQ(comparison.first->quantity, GetParam().quantity);
  EXPECT_EQ(comparison.first->iteration, GetParam().iteration);
  EXPECT_EQ(comparison.initial_weights, GetParam().quantity != Quantity::kInitialWeights);
}

TEST(LedgerCompare, TellsSizeAndGrowth) {
  StepSeries other = series();
  for (size_t i = 3; i < 10; ++i)
    *other.steps[i].loss += 1e-8 * std::pow(2, static_cast<double>(i - 3));
  const SeriesComparison comparison = compare_series(series(), other);
  ASSERT_TRUE(comparison.first && comparison.growth);
  EXPECT_NEAR(*comparison.first->absolute, 1e-8, 1e-13);
  EXPECT_NEAR(*comparison.first->relative, 1e-8 / 0.47, 1e-12);
  EXPECT_NEAR(comparison.growth->rate, std::log(2), 1e-4);
  EXPECT_EQ(comparison.growth->steps, 7);
  EXPECT_EQ(comparison.largest_a->iteration, 9);
  EXPECT_THAT(comparison_text(comparison), HasSubstr("a factor of 2 a step"));
}

// A difference as large as the losses themselves grows no more.
TEST(LedgerCompare, FitsOnlySmallDifferences) {
  StepSeries other = series();
  for (size_t i = 0; i < 4; ++i)
    *other.steps[i].loss += 1e-6 * std::pow(10, static_cast<double>(i));
  for (size_t i = 4; i < 10; ++i) *other.steps[i].loss += 0.3;
  const SeriesComparison comparison = compare_series(series(), other);
  ASSERT_TRUE(comparison.growth);
  EXPECT_EQ(comparison.growth->steps, 4);
  EXPECT_NEAR(comparison.growth->rate, std::log(10), 1e-3);
}

TEST(LedgerCompare, CountsWhatOnlyOneHas) {
  StepSeries other = series();
  other.steps.resize(6);
  const SeriesComparison comparison = compare_series(series(), other);
  EXPECT_TRUE(comparison.equal());
  EXPECT_EQ(comparison.steps, 6);
  EXPECT_EQ(comparison.only_a, 4);
}

constexpr const char* kLog =
    "Current cuda device:  0\n"
    "Epoch #0 ............... test ...............\n"
    "Epoch = [  0/  2] Iter = [   0/  20] Loss = 0.4123 Time = 0.1000s\n"
    "Epoch = [  0/  2] Iter = [  10/  20] Loss = 0.41 Time = 0.1000s\n"
    "Epoch = [   0/   2] TrainLoss = 0.4001 ValLoss = 0.3502 TrainTime = 1.0s ValTime = 1.0s\n"
    "Epoch = [  1/  2] Iter = [   0/  20] Loss = 3.9e-05 Time = 0.1000s\n";

TEST(OfficialLog, IsReadAtItsResolution) {
  const StepSeries log = parse_official_log(kLog, "log");
  ASSERT_EQ(log.steps.size(), 3U);
  EXPECT_EQ(log.steps[1].iteration, 10);
  EXPECT_EQ(log.steps[2].iteration, 20);
  EXPECT_EQ(log.steps[2].loss, 3.9e-05);
  EXPECT_EQ(log.digits, 4);
  ASSERT_EQ(log.epochs.size(), 1U);
  EXPECT_EQ(log.epochs[0].val_loss, 0.3502);
}

TEST(OfficialLog, SaysWhatItCannotTell) {
  const StepSeries log = parse_official_log(kLog, "log");
  const SeriesComparison comparison = compare_series(log, log);
  EXPECT_TRUE(comparison.equal());
  EXPECT_FALSE(comparison.initial_weights);
  EXPECT_THAT(comparison_text(comparison), HasSubstr("Compared at 4 significant digits"));
  EXPECT_THAT(comparison_text(comparison),
              HasSubstr("Whether both began with the same weights cannot be told"));
}

// The finer of the two is rounded: what differs beyond the coarser one's digits is not held against
// it.
TEST(OfficialLog, IsComparedWithALedgerAtFourDigits) {
  StepSeries ledger = series();
  ledger.steps[0].loss = 0.412345678;
  ledger.steps.resize(1);
  const StepSeries log = parse_official_log(kLog, "log");
  EXPECT_TRUE(compare_series(ledger, log).equal());
  ledger.steps[0].loss = 0.4124;
  const SeriesComparison comparison = compare_series(ledger, log);
  ASSERT_TRUE(comparison.first);
  EXPECT_EQ(comparison.first->quantity, Quantity::kLoss);
  EXPECT_EQ(comparison.first->a, "0.4124");
}

TEST(OfficialLog, ComparesTheEpochsToo) {
  std::string other = kLog;
  other.replace(other.find("0.3502"), 6, "0.3503");
  const SeriesComparison comparison =
      compare_series(parse_official_log(kLog, "log"), parse_official_log(other, "log"));
  ASSERT_TRUE(comparison.first);
  EXPECT_EQ(comparison.first->quantity, Quantity::kValLoss);
}

TEST(OfficialLog, AResumedRunReplacesWhatItTakesAgain) {
  const std::string log =
      std::string(kLog) + "Epoch = [  0/  2] Iter = [  10/  20] Loss = 0.4099 Time = 0.1s\n";
  const StepSeries series = parse_official_log(log, "log");
  ASSERT_EQ(series.steps.size(), 2U);
  EXPECT_EQ(series.steps[1].loss, 0.4099);
}

TEST(OfficialLog, RefusesWhatIsNone) {
  for (const char* text : {"", "hello\n", "Epoch = [0/1] Iter = [0/9] Loss = nan Time\n",
                           "Epoch = [-1/1] Iter = [0/9] Loss = 1\n",
                           "Epoch = [99999999999/1] Iter = [0/9] Loss = 1\n"}) {
    EXPECT_THROW(parse_official_log(text, "log"), system::Error) << text;
  }
}

}  // namespace
}  // namespace reconproof::checks
