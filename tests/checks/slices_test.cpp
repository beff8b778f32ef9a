// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What times of slices come to, and how the rules of the slice contract are judged where the answer
// is not simply yes or no.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "checks/measure/slice_times.h"
#include "system/error.h"
#include "tests/checks/clean_facts.h"

namespace reconproof::checks {
namespace {

using challenge::Finding;
using challenge::Status;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

VolumeTimes volume(const char* cell, std::vector<double> seconds) {
  VolumeTimes times;
  times.cell = cell;
  times.name = "knee_test1.h5";
  times.declared_s = times.slice_s = std::move(seconds);
  return times;
}

TEST(SliceTimes, StatisticsAreOfAllSlices) {
  EXPECT_EQ(statistics({}).slices, 0);
  std::vector<double> hundred;
  for (int i = 1; i <= 100; ++i) hundred.push_back(i * 1e-3);
  const SliceStatistics all = statistics({volume("acc4", hundred), volume("acc8", {1.0})});
  EXPECT_EQ(all.slices, 101);
  EXPECT_NEAR(all.total_s, 6.05, 1e-9);
  EXPECT_NEAR(all.mean_ms, 59.90, 0.01);
  EXPECT_NEAR(all.median_ms, 51, 1e-9);
  EXPECT_NEAR(all.p95_ms, 96, 1e-9);
}

TEST(SliceTimes, OnlyTheLeastOfTwoRunsIsKept) {
  std::vector<VolumeTimes> best = {volume("acc4", {1, 5}), volume("acc8", {3})};
  keep_least(best, {volume("acc8", {2}), volume("acc4", {4, 4})});
  EXPECT_THAT(best[0].slice_s, ElementsAre(1, 4));
  EXPECT_THAT(best[1].slice_s, ElementsAre(2));
  keep_least(best, {volume("acc5", {0.1})});  // a volume that the other run did not have
  EXPECT_THAT(best[1].slice_s, ElementsAre(2));
}

TEST(SliceTimes, WhatARequestCostsIsNoGap) {
  EXPECT_EQ(gap_percent(5, 5.9), 0);
  EXPECT_EQ(gap_percent(5, 4), 0);
  EXPECT_NEAR(gap_percent(100, 111), 10, 1e-9);
  EXPECT_NEAR(gap_percent(0.01, 101), 9999, 1);  // nothing to divide by
}

TEST(SliceTimes, PreparationIsWeighedByItsSize) {
  VolumeTimes times = volume("acc4", {1});
  times.bytes = 100'000'000;
  times.prep_s = 0.25;
  EXPECT_NEAR(prep_ms_per_mb(times), 2, 1e-9);
  times.prep_cpu_s = 2.05;  // on many processors at once
  EXPECT_NEAR(prep_ms_per_mb(times), 20, 1e-9);
  times.prep_s = times.prep_cpu_s = 0.04;
  EXPECT_EQ(prep_ms_per_mb(times), 0);
}

TEST(DriverCommand, StandsBeforeTheScript) {
  submission::Step step;
  step.command = {"python3", "-u", "recon_eval.py", "-n", "net.py"};
  EXPECT_THAT(driver_command(step, "/d.py", 10, "/v"),
              ElementsAre("python3", "-u", "/d.py", "10", "/v", "recon_eval.py", "-n", "net.py"));
  for (std::vector<std::string> command :
       {std::vector<std::string>{"./run"}, {"recon_eval.py", "-n", "x"}}) {
    step.command = command;
    EXPECT_THROW(driver_command(step, "/d.py", 10, "/v"), system::Error);
  }
}

struct SliceCase {
  const char* rule;
  const char* what;
  Status expected;
  std::function<void(Facts&)> change;
  const char* text;
};

void fail_hardened(Facts& f) {
  f.hardened->run.exit_code = 1;
  f.hardened->run.output_tail = "KeyError: 'brain_test1'\n";
}

const SliceCase kCases[] = {
    {"time.slice", "other_gpu", Status::kInconclusive, [](Facts& f) { f.host.gpus.clear(); },
     "but not on a NVIDIA GeForce GTX 1080"},
    {"time.slow-volume", "other_gpu", Status::kInconclusive,
     [](Facts& f) {
       f.host.gpus.clear(), f.slices->official[0].slice_s = {40, 40};
     },
     "slowest"},
    {"time.slow-volume", "whole", Status::kInconclusive,
     [](Facts& f) { f.project.reconstruct_step->contract = "whole"; }, "run as a whole"},
    {"time.in-clock", "no_run", Status::kInconclusive, [](Facts& f) { f.run.exit_code = 1; },
     "did not finish"},
    {"time.in-clock", "busy", Status::kInconclusive,
     [](Facts& f) {
       f.slices->busy_cores = 1.5;
       f.slices->hardened[0].slice_s = {0.12, 0.13};
     },
     "1.5 processors busy"},
    {"time.in-clock", "unsteady", Status::kInconclusive,
     [](Facts& f) {
       f.slices->spread_percent = 30;
       f.slices->hardened[0].slice_s = {0.12, 0.13};
     },
     "differed by 30 %"},
    {"time.in-clock", "unsteady_but_less", Status::kFail,
     [](Facts& f) {
       f.slices->spread_percent = 10;
       f.slices->hardened[0].slice_s = {0.12, 0.13};
     },
     "until its image was there"},
    {"time.in-clock", "unsteady_but_own_clock", Status::kFail,
     [](Facts& f) {
       f.slices->spread_percent = 30;
       f.slices->official[0].declared_s = {0.09, 0.1};
     },
     "own clock says"},
    {"time.in-clock", "busy_but_beyond_doubt", Status::kFail,
     [](Facts& f) {
       f.slices->busy_cores = 1.5;
       f.slices->hardened[0].slice_s = {0.3, 0.3};
     },
     "until its image was there"},
    {"time.in-clock", "own_clock", Status::kFail,
     [](Facts& f) {
       f.slices->official[0].declared_s = {0.01, 0.01};
     },
     "own clock says 10.0 ms a slice where ours says 105.0 ms"},
    {"time.in-clock", "hardened_failed", Status::kFail, fail_hardened, "exit code 1"},
    {"time.in-clock", "hardened_not_made", Status::kInconclusive,
     [](Facts& f) { f.hardened.reset(); }, "it was not made"},
    {"time.in-clock", "hardened_not_started", Status::kInconclusive,
     [](Facts& f) { f.hardened->run.not_run = "no memory"; }, "no memory"},
    {"time.prep-volume", "slow", Status::kFail,
     [](Facts& f) { f.slices->hardened[0].prep_cpu_s = 3; }, "for each MB that it loads"},
    {"time.prep-volume", "no_volume", Status::kInconclusive,
     [](Facts& f) { f.slices->hardened.clear(); }, "no volume"},
    {"inputs.order", "names_too", Status::kInconclusive,
     [](Facts& f) { f.hardened->comparison.equal = f.renamed->comparison.equal = false; },
     "another reason"},
    {"inputs.order", "never_equal", Status::kInconclusive,
     [](Facts& f) { f.hardened->comparison.equal = f.repeat_comparison->equal = false; },
     "another reason"},
    {"isolation.network", "hardened_only", Status::kFail,
     [](Facts& f) {
       f.hardened->run.attempts = {{"network", "connect", 1}};
     },
     "network connection"},
};

TEST(SliceRules, AreJudgedAsTheCaseIs) {
  for (const SliceCase& c : kCases) {
    Facts facts = clean_facts("snu-2026");
    c.change(facts);
    const Finding finding = judged(facts, c.rule);
    EXPECT_EQ(finding.status, c.expected) << c.rule << " " << c.what << ": " << finding.message;
    EXPECT_THAT(finding.message, HasSubstr(c.text)) << c.rule << " " << c.what;
    EXPECT_NE(finding.remediation, "") << c.rule << " " << c.what;
  }
  Facts facts = clean_facts("snu-2026");
  fail_hardened(facts);
  EXPECT_THAT(judged(facts, "time.in-clock").evidence, Contains("KeyError: 'brain_test1'"));
}

}  // namespace
}  // namespace reconproof::checks
