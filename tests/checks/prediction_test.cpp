// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/prediction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "checks/measure/pace.h"
#include "system/files.h"
#include "tests/checks/clean_facts.h"

namespace reconproof::checks {
namespace {

using testing::HasSubstr;

const Pace kThere{87.7, true, "NVIDIA GeForce GTX 1080"};

TEST(Predict, ScalesAsTheBaselineDoes) {
  const Prediction p =
      predict(200, "ms", Timed::kForward, kThere, "uncertain", {8.77, true, "NVIDIA H100"});
  EXPECT_DOUBLE_EQ(p.value, 2000);
  EXPECT_DOUBLE_EQ(p.low, 2000 / 1.5);
  EXPECT_DOUBLE_EQ(p.high, 3000);
  EXPECT_EQ(p.text,
            "predicted 2000 ms (1330 to 3000 ms) on NVIDIA GeForce GTX 1080, from the baseline's "
            "87.7 ms a slice there (uncertain) and 8.77 here (NVIDIA H100)");
}

TEST(Predict, ACpuTellsLess) {
  const Prediction p =
      predict(1000, "ms", Timed::kForward, kThere, "stated", {877, false, "AMD EPYC"});
  EXPECT_DOUBLE_EQ(p.value, 100);
  EXPECT_DOUBLE_EQ(p.low, 100.0 / 3);
  EXPECT_DOUBLE_EQ(p.high, 300);
}

TEST(Predict, OfAWholeRunPartsMayNotScaleAtAll) {
  const Prediction slower =
      predict(60, "s", Timed::kWholeRun, kThere, "uncertain", {8.77, true, "NVIDIA H100"});
  EXPECT_DOUBLE_EQ(slower.value, 600);
  EXPECT_DOUBLE_EQ(slower.low, 60);
  EXPECT_DOUBLE_EQ(slower.high, 900);
  const Prediction faster =
      predict(1000, "s", Timed::kWholeRun, kThere, "uncertain", {877, false, "AMD EPYC"});
  EXPECT_DOUBLE_EQ(faster.value, 100);
  EXPECT_DOUBLE_EQ(faster.low, 100.0 / 3);
  EXPECT_DOUBLE_EQ(faster.high, 1000);
}

/// A program that stands for reconproof-baseline.
class MeasurePace : public testing::Test {
 protected:
  MeasurePace() { host_.cpu = "AMD EPYC"; }

  MeasuredPace pace_of(const std::string& script) {
    const std::filesystem::path program = folder_.path() / "reconproof-baseline";
    system::write_file(program, "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    return measure_pace(*challenge::find_edition("snu-2025").reference, host_, program);
  }

  system::TemporaryFolder folder_;
  system::HostInfo host_;
};

TEST_F(MeasurePace, AsksForTheReferencesNetworkAndShape) {
  const MeasuredPace found = pace_of(
      "[ \"$*\" = 'pace --cascades 1 --chans 9 --sens-chans 4 --shape 15x640x368 --json' ] || exit "
      "2\necho '{\"device\": \"cpu\", \"ms_per_slice\": 1234.5}'");
  ASSERT_TRUE(found.pace) << found.absent_reason;
  EXPECT_EQ(found.pace->ms_per_slice, 1234.5);
  EXPECT_FALSE(found.pace->gpu);
  EXPECT_EQ(found.pace->device, "AMD EPYC");
}

TEST_F(MeasurePace, AGpuNeedsABaselineThatUsesIt) {
  host_.gpus = {"NVIDIA H100"};
  EXPECT_EQ(pace_of("echo '{\"device\": \"cpu\", \"ms_per_slice\": 1}'").absent_reason,
            "the baseline is built for the CPU and says nothing about NVIDIA H100");
  const MeasuredPace found = pace_of("echo '{\"device\": \"cuda\", \"ms_per_slice\": 8.77}'");
  ASSERT_TRUE(found.pace) << found.absent_reason;
  EXPECT_TRUE(found.pace->gpu);
  EXPECT_EQ(found.pace->device, "NVIDIA H100");
}

TEST_F(MeasurePace, FailuresAreReasons) {
  EXPECT_EQ(pace_of("echo 'reconproof: no memory' >&2; exit 70").absent_reason,
            "the baseline could not be timed here: reconproof: no memory");
  EXPECT_THAT(pace_of("exit 3").absent_reason, HasSubstr("exit code 3"));
  for (const char* nonsense : {"true", "echo 5", "echo '{}'", "echo '{\"ms_per_slice\": 0}'"})
    EXPECT_THAT(pace_of(nonsense).absent_reason, HasSubstr("printed no ms_per_slice"));
  EXPECT_THAT(measure_pace(*challenge::find_edition("snu-2025").reference, host_, "/nowhere/b")
                  .absent_reason,
              HasSubstr("not beside the harness (/nowhere/b)"));
}

TEST(TimeOfficialGpu, ShowsThePredictionAndStaysOpen) {
  Facts facts = clean_facts();
  facts.host.gpus = {"NVIDIA H100"};
  facts.unpredicted_reason = "the baseline is not there";
  EXPECT_THAT(judged(facts, "time.official-gpu").message,
              HasSubstr("not measured; not predicted: the baseline is not there"));
  facts.prediction =
      predict(60, "s", Timed::kWholeRun, kThere, "uncertain", {8.77, true, "NVIDIA H100"});
  const challenge::Finding finding = judged(facts, "time.official-gpu");
  EXPECT_EQ(finding.status, challenge::Status::kInconclusive);
  EXPECT_TRUE(finding.measured.is_null());
  EXPECT_THAT(finding.message, HasSubstr("not measured; predicted 600 s (60.0 to 900 s) on"));
}

}  // namespace
}  // namespace reconproof::checks
