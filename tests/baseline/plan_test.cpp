// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What is counted of a network before it is made, against the network itself.
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cstdlib>
#include <filesystem>

#include "baseline/device.h"
#include "baseline/memory.h"
#include "baseline/plan/calibration.h"
#include "baseline/plan/measure.h"
#include "baseline/plan/network_cost.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::baseline {
namespace {

constexpr int64_t kLabel = 384;
constexpr ImageGeometry kGeometry = {kLabel, Crop::kZeroPad};
const DeviceKind kGpu;

class PlanTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { meter_cpu_memory(); }
  PlanTest() { set_threads(1); }

  static void expect_memory(const NetworkSizes& sizes, const formats::Shape& shape, bool recompute,
                            double tolerance) {
    const Execution execution{Precision::kFloat32, recompute};
    const NetworkCost counted =
        network_cost(sizes, execution, shape, kLabel, device_kind(torch::kCPU));
    const MeasuredNetwork measured =
        measure_network(sizes, execution, shape, kGeometry, torch::kCPU, 1);
    const auto ratio = [](const PassCost& cost, const MeasuredPass& pass) {
      return static_cast<double>(cost.peak_bytes) / static_cast<double>(*pass.peak_bytes);
    };
    EXPECT_NEAR(ratio(counted.inference, measured.inference), 1, tolerance)
        << formats::shape_text(shape) << " inference";
    EXPECT_NEAR(ratio(counted.training, measured.training), 1, tolerance)
        << formats::shape_text(shape) << " training, recompute " << recompute;
  }
};

TEST_F(PlanTest, MemoryIsThatOfTheNetwork) {
  expect_memory(VarnetSizes{1, 9, 4, 4}, {4, 160, 132}, false, 0.1);
  expect_memory(VarnetSizes{3, 6, 2, 4}, {4, 128, 96}, false, 0.1);
  expect_memory(VarnetSizes{2, 18, 8, 3}, {6, 96, 64}, false, 0.1);
  expect_memory(VarnetSizes{2, 9, 4, 5}, {3, 96, 96}, false, 0.1);
  expect_memory(VarnetSizes{4, 9, 4, 4}, {4, 160, 132}, true, 0.1);
  expect_memory(UnetSizes{}, {2, kLabel, kLabel}, false, 0.1);
}

TEST_F(PlanTest, ATrainingHoldsMoreThanAReconstructionAndCheckpointingLess) {
  const formats::Shape shape = {16, 768, 396};
  const auto cost = [&](const NetworkSizes& sizes, bool recompute) {
    return network_cost(sizes, {Precision::kFloat32, recompute}, shape, kLabel, kGpu);
  };
  const NetworkCost one = cost(VarnetSizes{1, 9, 4, 4}, false);
  const NetworkCost four = cost(VarnetSizes{4, 9, 4, 4}, false);
  const NetworkCost spared = cost(VarnetSizes{4, 9, 4, 4}, true);
  EXPECT_GT(one.training.peak_bytes, 2 * one.inference.peak_bytes);
  EXPECT_GT(four.training.peak_bytes, one.training.peak_bytes);
  // Cascades come one after another: a reconstruction keeps none of them.
  EXPECT_LT(four.inference.peak_bytes, 1.1 * static_cast<double>(one.inference.peak_bytes));
  EXPECT_LT(spared.training.peak_bytes, 0.6 * static_cast<double>(four.training.peak_bytes));
  // What is computed again is work.
  const size_t convolution = static_cast<size_t>(Kind::kConvolution);
  EXPECT_GT(spared.training.work[convolution], 1.2 * four.training.work[convolution]);
  EXPECT_GT(four.inference.work[convolution], one.inference.work[convolution]);
}

TEST_F(PlanTest, ACpuHoldsCopiesThatAGpuDoesNot) {
  // Twenty channels take 24 places with AVX2, 32 with AVX-512.
  const NetworkSizes sizes = VarnetSizes{1, 20, 2, 4};
  const auto bytes = [&](DeviceKind device) {
    return network_cost(sizes, {}, {1, 160, 128}, kLabel, device).inference.peak_bytes;
  };
  EXPECT_GT(bytes({8}), bytes(kGpu));
  EXPECT_GT(bytes({16}), bytes({8}));
}

TEST(Speed, IsFoundAgain) {
  Work true_seconds{};
  true_seconds[0] = 2e-11, true_seconds[3] = 5e-10, true_seconds[5] = 1e-5;
  std::vector<TimedWork> measured;
  for (int i = 1; i <= 10; ++i) {
    Work work{};
    work[0] = 1e9 * i, work[3] = 1e8 * ((i * 7) % 5 + 1), work[5] = 100 * ((i * 3) % 4 + 1);
    double seconds = 0;
    for (size_t kind = 0; kind < kKinds; ++kind) seconds += true_seconds[kind] * work[kind];
    measured.push_back({work, seconds});
  }
  const Speed speed = fit_speed(measured);
  EXPECT_LT(speed.residual, 0.01);
  for (const TimedWork& timed : measured)
    EXPECT_NEAR(speed.of(timed.work) / timed.seconds, 1, 0.01);
  // A time that fits nothing shows in the residual; no speed becomes negative.
  measured.front().seconds *= 3;
  const Speed disturbed = fit_speed(measured);
  EXPECT_GT(disturbed.residual, 0.2);
  for (const double seconds : disturbed.seconds) EXPECT_GE(seconds, 0);
}

TEST(Calibration, IsKeptForThisDeviceAlone) {
  const system::TemporaryFolder folder;
  ::setenv("XDG_CACHE_HOME", folder.path().c_str(), 1);
  Calibration calibration;
  calibration.device = {"cpu", "a processor", 2, "1.13.1", "0.1.0"};
  calibration.measured_at = 1790000000;
  calibration.networks = 12;
  calibration.varnet.inference = {{1e-11, 0, 0, 2e-10, 0, 1e-5}, 0.1};
  calibration.unet.training = {{3e-11, 0, 0, 4e-10, 0, 2e-5}, 0.2};
  EXPECT_FALSE(kept_calibration(calibration.device));
  keep(calibration);
  const auto kept = kept_calibration(calibration.device);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->measured_at, calibration.measured_at);
  EXPECT_EQ(kept->networks, 12);
  EXPECT_EQ(kept->varnet.inference.seconds, calibration.varnet.inference.seconds);
  EXPECT_EQ(kept->of(UnetSizes{}).training.residual, 0.2);
  for (const auto change :
       {&PlannedDevice::name, &PlannedDevice::libtorch, &PlannedDevice::program}) {
    PlannedDevice other = calibration.device;
    other.*change += "x";
    EXPECT_FALSE(kept_calibration(other));
  }
  PlannedDevice threads = calibration.device;
  threads.threads = 3;
  EXPECT_FALSE(kept_calibration(threads));
  system::write_file(calibration_file(calibration.device),
                     R"({"schema": "reconproof.calibration", "schema_version": 1})");
  EXPECT_THROW(kept_calibration(calibration.device), system::Error);
}

}  // namespace
}  // namespace reconproof::baseline
