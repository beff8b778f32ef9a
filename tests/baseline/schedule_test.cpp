// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The small parts of the trainer: learning rates, loss scale, pace, the reader.
#include "baseline/train/schedule.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <ctime>

#include "baseline/data/reader.h"
#include "baseline/train/loss_scaler.h"
#include "baseline/train/pace.h"
#include "system/error.h"

namespace reconproof::baseline {
namespace {

TEST(Schedule, ConstantIsExactlyTheBase) {
  for (const int64_t step : {0, 1, 999})
    EXPECT_EQ(learning_rate({.base = 1e-3}, step, 10, 100), 1e-3);
}

TEST(Schedule, StepReducesEverySoManyEpochs) {
  const Schedule schedule{
      .kind = Schedule::Kind::kStep, .base = 1, .gamma = 0.5, .step_epochs = 2, .warmup_steps = 0};
  EXPECT_EQ(learning_rate(schedule, 0, 10, 6), 1);
  EXPECT_EQ(learning_rate(schedule, 19, 10, 6), 1);
  EXPECT_EQ(learning_rate(schedule, 20, 10, 6), 0.5);
  EXPECT_EQ(learning_rate(schedule, 59, 10, 6), 0.25);
}

TEST(Schedule, CosineEndsAtZeroAfterAWarmup) {
  const Schedule schedule{.kind = Schedule::Kind::kCosine,
                          .base = 2,
                          .gamma = 0.1,
                          .step_epochs = 1,
                          .warmup_steps = 4};
  EXPECT_EQ(learning_rate(schedule, 0, 10, 1), 0.5);
  EXPECT_EQ(learning_rate(schedule, 3, 10, 1), 2);
  EXPECT_EQ(learning_rate(schedule, 4, 10, 1), 2);
  EXPECT_NEAR(learning_rate(schedule, 7, 10, 1), 1, 1e-12);
  EXPECT_NEAR(learning_rate(schedule, 10, 10, 1), 0, 1e-12);
  EXPECT_EQ(schedule_from_text("cosine"), Schedule::Kind::kCosine);
  EXPECT_THROW(schedule_from_text("linear"), system::Error);
}

TEST(LossScaler, HalvesSkipsAndGrows) {
  using Verdict = LossScaler::Verdict;
  LossScaler scaler(true);
  EXPECT_EQ(scaler.scale(), 65536);
  EXPECT_EQ(scaler.judge(false), Verdict::kSkip);
  EXPECT_EQ(scaler.scale(), 32768);
  for (int i = 0; i < 1999; ++i) EXPECT_EQ(scaler.judge(true), Verdict::kStep);
  EXPECT_EQ(scaler.scale(), 32768);
  scaler.judge(true);
  EXPECT_EQ(scaler.scale(), 65536);
  scaler.restore(1, 5);
  EXPECT_EQ(scaler.judge(false), Verdict::kDiverged);
}

TEST(LossScaler, ScalesNothingInFloat32EvenAfterAFloat16Training) {
  LossScaler scaler(false);
  scaler.restore(65536, 10);
  EXPECT_EQ(scaler.scale(), 1);
  EXPECT_EQ(scaler.judge(false), LossScaler::Verdict::kDiverged);
}

TEST(LossScaler, InFullPrecisionEveryOverflowIsADivergence) {
  LossScaler scaler(false);
  EXPECT_EQ(scaler.scale(), 1);
  for (int i = 0; i < 3000; ++i) scaler.judge(true);
  EXPECT_EQ(scaler.scale(), 1);
  EXPECT_EQ(scaler.judge(false), LossScaler::Verdict::kDiverged);
}

TEST(Pace, CountsStepsAndValidationsThatAreLeft) {
  Pace pace(10, 3);
  EXPECT_FALSE(pace.seconds_left(0, 0));
  EXPECT_EQ(pace.text(0, 0, 0), "");
  pace.step_took(1);
  pace.step_took(3);
  EXPECT_DOUBLE_EQ(*pace.seconds_left(0, 2), 56);  // 28 steps of 2 s
  pace.validation_took(5);
  EXPECT_DOUBLE_EQ(*pace.seconds_left(1, 0), 50);  // 20 steps, 2 validations
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  EXPECT_EQ(pace.text(1, 0, 3600), "2 s a step; training ends 1970-01-01 01:00 (50.0 s left)");
}

Sample numbered(int64_t i) {
  Sample sample;
  sample.slice = i;
  return sample;
}

TEST(SampleReader, ReadsAheadInOrderWithinItsBound) {
  std::atomic<int64_t> read{0};
  SampleReader reader(
      3, 20,
      [&](int64_t i) {
        ++read;
        return numbered(i);
      },
      2);
  for (int64_t i = 3; i < 20; ++i) {
    EXPECT_LE(read, i - 3 + 3);  // two wait, one is held
    EXPECT_EQ(reader.next().slice, i);
  }
}

TEST(SampleReader, PassesOnWhatWentWrongInItsPlace) {
  SampleReader reader(0, 5, [](int64_t i) {
    if (i == 1) system::fail(system::Code::kCorrupt, "slice 1");
    return numbered(i);
  });
  EXPECT_EQ(reader.next().slice, 0);
  EXPECT_THROW(reader.next(), system::Error);
}

TEST(SampleReader, StopsWhenItIsNotReadToTheEnd) {
  SampleReader reader(0, 1000, numbered, 1);
  EXPECT_EQ(reader.next().slice, 0);
}

}  // namespace
}  // namespace reconproof::baseline
