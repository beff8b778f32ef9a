// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/record/training_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reconproof::workflows {
namespace {

using submission::CurvePoint;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

CurvePoint step(int64_t epoch, int64_t iteration, double at_s) {
  CurvePoint point;
  point.epoch = epoch;
  point.epochs = 10;
  point.iteration = iteration;
  point.iterations = 100;
  point.loss = 0.5;
  point.at_s = at_s;
  return point;
}

CurvePoint end(int64_t epoch, double at_s, double val_loss = 0.1) {
  CurvePoint point;
  point.epoch_end = true;
  point.epoch = epoch;
  point.epochs = 10;
  point.loss = 0.5;
  point.val_loss = val_loss;
  point.time_s = 50;
  point.val_time_s = 8;
  point.at_s = at_s;
  return point;
}

TEST(Forecast, KnowsNothingAtFirst) {
  TrainingWatch watch;
  EXPECT_FALSE(watch.forecast(5));
  watch.add(step(0, 0, 20));
  EXPECT_FALSE(watch.forecast(21));
}

TEST(Forecast, InTheFirstEpochIsALowerBound) {
  TrainingWatch watch;
  watch.add(step(0, 0, 20));
  watch.add(step(0, 50, 45));  // 0.5 s a step
  const auto forecast = watch.forecast(45);
  ASSERT_TRUE(forecast);
  EXPECT_TRUE(forecast->without_validation);
  EXPECT_EQ(forecast->epochs_done, 0);
  EXPECT_DOUBLE_EQ(forecast->epoch_s, 50);
  EXPECT_DOUBLE_EQ(forecast->finish_s, 45 + 25 + 9 * 50);
}

// The start of the program (20 s) is no part of an epoch; what is written after validation (2 s)
// is.
TEST(Forecast, CountsWholeEpochs) {
  TrainingWatch watch;
  watch.add(step(0, 0, 20));
  watch.add(end(0, 78));
  EXPECT_DOUBLE_EQ(watch.forecast(78)->finish_s, 78 + 9 * 58);
  watch.add(end(1, 138));
  const auto forecast = watch.forecast(140);
  EXPECT_EQ(forecast->epochs_done, 2);
  EXPECT_DOUBLE_EQ(forecast->epoch_s, 60);
  EXPECT_DOUBLE_EQ(forecast->finish_s, 138 + 8 * 60);
  EXPECT_FALSE(forecast->without_validation);
  // The third takes 100 s already: what is left can only come after it.
  EXPECT_DOUBLE_EQ(watch.forecast(238)->finish_s, 238 + 7 * 60);
  watch.add(end(9, 700));
  EXPECT_DOUBLE_EQ(watch.forecast(705)->finish_s, 700);
  EXPECT_THAT(forecast_text(*watch.forecast(705), 705, 0), HasSubstr("all 10 epochs done"));
}

TEST(Forecast, FollowsATrainingThatGoesOn) {
  TrainingWatch watch;
  watch.add(end(6, 70));  // resumed: the first of this run
  EXPECT_DOUBLE_EQ(watch.forecast(70)->finish_s, 70 + 3 * 58);
}

TEST(Warnings, ComeOnceEach) {
  TrainingWatch watch;
  CurvePoint lost = step(1, 30, 90);
  lost.loss.reset();
  lost.not_finite = true;
  watch.add(step(1, 0, 60));
  EXPECT_THAT(watch.warnings(60), IsEmpty());
  watch.add(lost);
  EXPECT_THAT(watch.warnings(90), ElementsAre(HasSubstr("not finite (NaN or infinite) since epoch "
                                                        "1, iteration 30")));
  watch.add(lost);
  EXPECT_THAT(watch.warnings(91), IsEmpty());
}

TEST(Warnings, OfADeadline) {
  for (const double deadline_s : {630.0, 597.0}) {
    TrainingWatch watch(deadline_s);
    watch.add(end(0, 60));
    watch.add(end(1, 120));  // the last ends at 600 s
    if (deadline_s > 600)
      EXPECT_THAT(watch.warnings(120), IsEmpty());
    else
      EXPECT_THAT(
          watch.warnings(120),
          ElementsAre(HasSubstr("the deadline is at risk: 2 epochs of 10 are done, the last "
                                "would end 3.0 s after it; about 9 epochs fit")));
  }
}

TEST(Warnings, OfAValidationThatGetsNoBetter) {
  TrainingWatch watch;
  watch.add(end(0, 60, 0.2));
  watch.add(end(1, 120, 0.1));
  for (int64_t epoch = 2; epoch < 6; ++epoch) {
    watch.add(end(epoch, 60.0 * static_cast<double>(epoch), 0.1));
    EXPECT_THAT(watch.warnings(60.0 * static_cast<double>(epoch)), IsEmpty()) << epoch;
  }
  watch.add(end(6, 420, 0.11));
  EXPECT_THAT(watch.warnings(420), ElementsAre(HasSubstr("none of the last 5 epochs was better "
                                                         "than 0.1 of epoch 1")));
}

TEST(Warnings, OfSilence) {
  TrainingWatch watch;
  for (int i = 0; i < 5; ++i) watch.add(step(0, i, 10.0 * i));
  EXPECT_THAT(watch.warnings(40 + 99), IsEmpty());
  EXPECT_THAT(watch.warnings(40 + 101),
              ElementsAre(HasSubstr("no line of the training for 1 min 41 s")));
  // Lines that come by the hundred, as of a program that keeps them, are no measure.
  TrainingWatch quick;
  for (int i = 0; i < 100; ++i) quick.add(step(0, i, 10));
  EXPECT_THAT(quick.warnings(69), IsEmpty());
}

}  // namespace
}  // namespace reconproof::workflows
