// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Plans of networks on devices that do not exist: every threshold moves the verdict.
#include "workflows/plan/plan.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "system/error.h"
#include "system/files.h"
#include "workflows/plan/deadline.h"
#include "workflows/plan/model_classes.h"
#include "workflows/plan/plan_output.h"
#include "workflows/plan/probe.h"
#include "workflows/plan/scale.h"

namespace reconproof::workflows {
namespace {

using challenge::Edition;
using challenge::Rule;

const formats::Shape kShape = {16, 768, 396};
constexpr int64_t kNow = 1790000000;

const Edition& edition() { return challenge::find_edition("snu-2025"); }

NetworkPrediction network(double training_gib, double inference_gib,
                          std::optional<double> inference_ms) {
  NetworkPrediction network;
  network.model = "varnet";
  network.sizes = {{"cascades", 1}, {"chans", 9}, {"sens_chans", 4}, {"pools", 4}};
  network.parameters = 1000000;
  ShapePrediction shape;
  shape.shape = kShape;
  shape.gpu_training_bytes = static_cast<int64_t>(training_gib * 0x1p30);
  shape.gpu_checkpointed_bytes = shape.gpu_training_bytes / 2;
  shape.gpu_inference_bytes = static_cast<int64_t>(inference_gib * 0x1p30);
  shape.inference_ms = inference_ms;
  if (inference_ms) shape.training_ms = 3 * *inference_ms;
  network.shapes = {shape};
  return network;
}

/// On the official GPU itself: times are as predicted, within a quarter.
PlanInputs inputs(const NetworkPrediction& asked, const std::string& device) {
  PlanInputs made;
  made.edition = &edition();
  made.question.shapes = {kShape};
  made.network.device = {device == edition().official_gpu ? "cuda" : "cpu", device, "1.13.1", 1};
  if (asked.shapes.front().inference_ms) made.network.calibration = {kNow - 3600, 0.1, 0.2};
  made.network.networks = {asked};
  made.scale = make_scale(edition(), {}, {kShape, 16, 10});
  made.now = kNow;
  return made;
}

const LimitVerdict& limit(const Plan& plan, const std::string& what) {
  for (const LimitVerdict& verdict : plan.limits)
    if (verdict.what == what) return verdict;
  throw std::runtime_error("no limit " + what);
}

int code(double training_gib, double inference_gib, std::optional<double> ms) {
  return exit_code(
      make_plan(inputs(network(training_gib, inference_gib, ms), edition().official_gpu)));
}

TEST(Judge, EveryThresholdMovesTheVerdict) {
  Rule rule;
  rule.limit = 7.45;
  rule.limit_high = 7.92;
  const auto fit = [&](double low, double high) {
    return judge({(low + high) / 2, low, high, Known::kPredicted}, rule);
  };
  EXPECT_EQ(fit(7, 7.45), Fit::kFits);
  EXPECT_EQ(fit(7, 7.46), Fit::kUnknown);
  EXPECT_EQ(fit(7.9, 9), Fit::kUnknown);
  EXPECT_EQ(fit(7.93, 9), Fit::kExceeds);
  rule.limit_high.reset();
  EXPECT_EQ(fit(7.46, 9), Fit::kExceeds);
}

TEST(Plan, MemoryDecides) {
  EXPECT_EQ(code(5, 1, 50), 0);
  EXPECT_EQ(code(6.2, 1, 50), 6);  // 7.6 GiB with what it may be more
  EXPECT_EQ(code(8, 1, 50), 6);    // 7.46 GiB at least, 7.92 are surely too many
  EXPECT_EQ(code(9, 1, 50), 1);
  EXPECT_EQ(code(5, 9, 50), 1);
}

TEST(Plan, TimeDecides) {
  // 1,856 slices, 0.32 s each beside the network's own time: 1,620 ms are left of 3,600 s.
  EXPECT_EQ(code(5, 1, 1200), 0);
  EXPECT_EQ(code(5, 1, 1400), 6);
  EXPECT_EQ(code(5, 1, 2500), 1);
}

TEST(Plan, WithoutCalibrationNoTimeIsSaid) {
  const Plan plan = make_plan(inputs(network(1, 1, {}), edition().official_gpu));
  EXPECT_EQ(exit_code(plan), 6);
  EXPECT_FALSE(plan.here.slice_ms);
  EXPECT_EQ(limit(plan, "GPU memory of training").fit, Fit::kFits);
  EXPECT_EQ(limit(plan, "time of the whole leaderboard").fit, Fit::kUnknown);
  EXPECT_NE(plan_text(plan).find("NOT CALIBRATED"), std::string::npos);
  // Memory that surely does not fit needs no calibration.
  EXPECT_EQ(exit_code(make_plan(inputs(network(9, 1, {}), edition().official_gpu))), 1);
}

TEST(Plan, AnotherDeviceLeadsToTheOfficialOneByTheReference) {
  PlanInputs made = inputs(network(1, 1, 500), "a processor");
  made.reference = made.network;
  made.reference->networks = {network(1, 1, 877)};  // ten times slower than there
  const Plan plan = make_plan(made);
  ASSERT_TRUE(plan.official && plan.official->slice_ms);
  EXPECT_NEAR(plan.official->slice_ms->value, 50, 1e-6);
  EXPECT_NEAR(plan.official->slice_ms->high, 150, 1e-6);  // a factor of 3 from a CPU
  EXPECT_NEAR(plan.here.slice_ms->value, 500, 1e-6);
  EXPECT_EQ(exit_code(plan), 0);
  made.reference.reset();
  EXPECT_EQ(exit_code(make_plan(made)), 6);
}

TEST(Plan, AdviceTableAndHeadroom) {
  PlanInputs made = inputs(network(9, 1, 50), edition().official_gpu);
  NetworkPrediction small = network(2, 1, 20), large = network(9, 1, 50),
                    never = network(30, 9, 50);
  small.parameters = 1, large.parameters = 2, never.parameters = 3;
  made.variants.networks = {small, large, never};
  const Plan plan = make_plan(made);
  EXPECT_NE(limit(plan, "GPU memory of training").advice.find("--gradient-checkpointing"),
            std::string::npos);
  EXPECT_LT(*limit(plan, "GPU memory of training").headroom(), 0);
  ASSERT_EQ(plan.variants.size(), 2);
  EXPECT_EQ(plan.variants[0].network.parameters, 2);
  EXPECT_TRUE(plan.variants[0].checkpointing);
  EXPECT_FALSE(plan.variants[1].checkpointing);
  const auto json = plan_json(plan);
  EXPECT_EQ(json["exit_code"], 1);
  EXPECT_EQ(json["limits"][0]["figure"]["known"], "predicted");
  // Little that is left is said.
  const auto tight = make_plan(inputs(network(5.9, 1, 50), edition().official_gpu));
  EXPECT_EQ(exit_code(tight), 0);
}

TEST(Plan, AnEpochNeedsATrainingSet) {
  const Plan known = make_plan(inputs(network(1, 1, 100), edition().official_gpu));
  ASSERT_TRUE(known.here.epoch_s);
  EXPECT_NEAR(known.here.epoch_s->value, 160 * 0.3, 1e-9);
  PlanInputs made = inputs(network(1, 1, 100), edition().official_gpu);
  made.scale = make_scale(edition(), {}, {kShape, 16, 0});
  EXPECT_FALSE(make_plan(made).here.epoch_s);
}

TEST(Plan, EditionWithASliceTimeIsANote) {
  PlanInputs made = inputs(network(1, 1, 5000), edition().official_gpu);
  made.edition = &challenge::find_edition("snu-2026");
  const Plan plan = make_plan(made);
  EXPECT_EQ(limit(plan, "time of a slice").fit, Fit::kExceeds);
  EXPECT_EQ(limit(plan, "time of a volume").fit, Fit::kExceeds);
  EXPECT_EQ(exit_code(plan), 0);
}

TEST(ModelClasses, SayHowFarTheyGo) {
  EXPECT_DOUBLE_EQ(attention_bytes(1000, 1000, 8), 32e6);
  EXPECT_DOUBLE_EQ(attention_bytes(1000, 64, 8), 2.048e6);
  ClassLimits limits;
  limits.leaderboard_s = 3600;
  limits.memory_gib = 7.45;
  limits.slices = 1000;
  EXPECT_NE(diffusion_class(limits).sentences[0].find("calibrate"), std::string::npos);
  limits.slice_ms = Figure{100, 100, 100, Known::kDeclared};
  EXPECT_NE(diffusion_class(limits).sentences[1].find("at most 36 steps"), std::string::npos);
  limits.slice_ms->value = 5000;
  EXPECT_NE(diffusion_class(limits).sentences[1].find("not even one"), std::string::npos);
  const ModelClass transformer = transformer_class(limits, kShape);
  EXPECT_NE(transformer.sentences[0].find("2.69 TiB a layer"), std::string::npos)
      << transformer.sentences[0];
  EXPECT_NE(transformer.sentences[0].find("not one layer"), std::string::npos);
  EXPECT_NE(transformer.sentences[2].find("at most 12 layers"), std::string::npos)
      << transformer.sentences[2];
}

// ---- deadlines ----

EpochTime hour_an_epoch() { return {{3600, 3500, 3700, Known::kMeasured}, 10, 3, true, "a log"}; }

TEST(Deadline, NeedsItsOffset) {
  const Deadline seoul = parse_moment_option("--deadline", "2026-08-20T18:00+09:00");
  EXPECT_EQ(seoul.moment_s, 1787216400);
  EXPECT_EQ(seoul.offset_s, 9 * 3600);
  EXPECT_EQ(parse_moment_option("--deadline", "2026-08-20T09:00Z").moment_s, seoul.moment_s);
  EXPECT_EQ(moment_text(seoul.moment_s, seoul.offset_s), "2026-08-20 18:00 +09:00");
  EXPECT_EQ(moment_text(seoul.moment_s, -5 * 3600 - 1800), "2026-08-20 03:30 -05:30");
  for (const char* bad : {"2026-08-20T18:00", "2026-08-20", "tomorrow", "2026-13-20T18:00Z"}) {
    try {
      parse_moment_option("--deadline", bad);
      ADD_FAILURE() << bad;
    } catch (const system::Error& error) {
      EXPECT_EQ(error.code(), system::Code::kUsage);
      EXPECT_NE(std::string(error.what()).find("2026-08-20T18:00+09:00"), std::string::npos);
    }
  }
}

TEST(Deadline, IsCountedBackwards) {
  const Deadline deadline{100 * 3600, 0};
  const Reserve reserve{10 * 3600, "asked for"};
  const BackwardPlan plan = plan_backwards(deadline, 0, hour_an_epoch(), reserve, 0);
  EXPECT_EQ(plan.epochs, 10);
  EXPECT_EQ(plan.epochs_that_fit, 90);
  EXPECT_EQ(plan.last_start_s, 80 * 3600);
  EXPECT_TRUE(plan.fits());
  EXPECT_TRUE(plan_backwards(deadline, 0, hour_an_epoch(), reserve, 90).fits());
  EXPECT_FALSE(plan_backwards(deadline, 0, hour_an_epoch(), reserve, 91).fits());
  EXPECT_TRUE(plan_backwards(deadline, 80 * 3600, hour_an_epoch(), reserve, 10).fits());
  const BackwardPlan late = plan_backwards(deadline, 80 * 3600 + 1, hour_an_epoch(), reserve, 10);
  EXPECT_FALSE(late.fits());
  EXPECT_NE(backward_text(late).find("Does not fit"), std::string::npos);
  const BackwardPlan past = plan_backwards(deadline, 101 * 3600, hour_an_epoch(), reserve, 10);
  EXPECT_TRUE(past.past());
  EXPECT_EQ(past.epochs_that_fit, 0);
  EXPECT_NE(backward_text(past).find("The deadline passed 1 h 00 min ago"), std::string::npos);
  EpochTime unknown = hour_an_epoch();
  unknown.epochs = 0;
  EXPECT_THROW(plan_backwards(deadline, 0, unknown, reserve, 0), system::Error);
  // A prediction counts with its upper end.
  EpochTime predicted = hour_an_epoch();
  predicted.seconds = {3600, 1800, 7200, Known::kPredicted};
  EXPECT_EQ(plan_backwards(deadline, 0, predicted, reserve, 10).epochs_that_fit, 45);
}

TEST(Deadline, EpochsOfALog) {
  const EpochTime ended = epoch_time_of(
      "Epoch = [  0/  4] Iter = [   0/ 100] Loss = 0.5 Time = 0.9s\n"
      "Epoch = [  0/  4] TrainLoss = 0.2 ValLoss = 0.1 TrainTime = 100s ValTime = 10s\n"
      "Epoch = [  1/  4] TrainLoss = 0.2 ValLoss = 0.1 TrainTime = 120s ValTime = 10s\n"
      "Epoch = [  2/  4] TrainLoss = 0.2 ValLoss = 0.1 TrainTime = 500s ValTime = 10s\n",
      "train.log");
  EXPECT_DOUBLE_EQ(ended.seconds.value, 130);
  EXPECT_EQ(ended.seconds.known, Known::kMeasured);
  EXPECT_EQ(ended.epochs, 4);
  EXPECT_EQ(ended.finished, 3);
  EXPECT_TRUE(ended.validated);
  const EpochTime begun = epoch_time_of(
      "Epoch = [  0/  4] Iter = [   0/ 100] Loss = 0.5 Time = 9s\n"
      "Epoch = [  0/  4] Iter = [  10/ 100] Loss = 0.5 Time = 20s\n",
      "train.log");
  EXPECT_DOUBLE_EQ(begun.seconds.value, 200);
  EXPECT_EQ(begun.seconds.known, Known::kPredicted);
  EXPECT_THROW(epoch_time_of("nothing\n", "train.log"), system::Error);
}

TEST(Deadline, ReserveIsMeasuredElseLimitElseAssumed) {
  const system::TemporaryFolder folder;
  EXPECT_DOUBLE_EQ(reserve_for(2.5, folder.path(), &edition()).seconds, 9000);
  EXPECT_DOUBLE_EQ(reserve_for({}, folder.path(), &edition()).seconds, 4 * 3600 + 1800);
  EXPECT_NE(reserve_for({}, folder.path(), nullptr).basis.find("assumed"), std::string::npos);
  system::make_folders(folder.path() / ".reconproof/check");
  system::write_file(folder.path() / ".reconproof/check/check.json", R"({"run": {"wall_s": 100}})");
  const Reserve measured = reserve_for({}, folder.path(), &edition());
  EXPECT_DOUBLE_EQ(measured.seconds, 400 + 1800);
  EXPECT_NE(measured.basis.find("measured"), std::string::npos);
}

// ---- probes ----

ProbedTraining probed(double update_s, double gib) {
  ProbedTraining training;
  training.updates = 6;
  training.update_s = update_s;
  training.gpu.measured = true;
  training.gpu.device = edition().official_gpu;
  training.gpu.peak_tree_bytes = static_cast<int64_t>(gib * 0x1p30);
  return training;
}

ProbedReconstruction reconstructed(double slice_s, double gib) {
  ProbedReconstruction run;
  run.slice_s = slice_s;
  run.start_s = 10;
  run.gpu = probed(1, gib).gpu;
  return run;
}

TEST(Probe, IsProjectedAndJudged) {
  const PlanScale scale = make_scale(edition(), {}, {kShape, 16, 10});
  const auto judged = [&](const ProbedTraining& training, const ProbedReconstruction& run) {
    return judge_probe(edition(), scale, training, run, 1);
  };
  const Probe fits = judged(probed(0.5, 5), reconstructed(1.0, 3));
  EXPECT_DOUBLE_EQ(fits.epoch_s->value, 80);
  EXPECT_DOUBLE_EQ(fits.leaderboard_s->value, 1866);
  EXPECT_EQ(fits.leaderboard_s->known, Known::kMeasured);
  EXPECT_EQ(exit_code(fits), 0);
  EXPECT_EQ(exit_code(judged(probed(0.5, 7.6), reconstructed(1.0, 3))), 6);
  EXPECT_EQ(exit_code(judged(probed(0.5, 8), reconstructed(1.0, 3))), 1);
  EXPECT_EQ(exit_code(judged(probed(0.5, 5), reconstructed(1.0, 8))), 1);
  EXPECT_EQ(exit_code(judged(probed(0.5, 5), reconstructed(1.9, 3))), 6);
  EXPECT_EQ(exit_code(judged(probed(0.5, 5), reconstructed(2.5, 3))), 1);
  // Elsewhere a time is no verdict.
  ProbedReconstruction elsewhere = reconstructed(2.5, 3);
  elsewhere.gpu.device = "another GPU";
  EXPECT_EQ(exit_code(judged(probed(0.5, 5), elsewhere)), 6);
  // Out of memory below a limit that was enforced.
  ProbedTraining full = probed(0.5, 7);
  full.update_s.reset();
  full.failure = "it ended with exit code 1";
  full.out_of_memory = true;
  EXPECT_EQ(exit_code(judged(full, reconstructed(1.0, 3))), 6);
  full.gpu.enforced_limit_bytes = int64_t{7} << 30;
  EXPECT_EQ(exit_code(judged(full, reconstructed(1.0, 3))), 1);
  EXPECT_NE(probe_text(judged(full, reconstructed(1.0, 3))).find("exit code 1"), std::string::npos);
  EXPECT_EQ(probe_json(fits)["training"]["update_s"], 0.5);
}

}  // namespace
}  // namespace reconproof::workflows
