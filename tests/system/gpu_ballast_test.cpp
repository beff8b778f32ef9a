// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// With the fake driver libraries: one GPU of 16 GiB, of which 100 MiB are never free, and 300 MiB
// are taken by each context.
#include "system/gpu_ballast.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "system/cuda_driver.h"
#include "system/error.h"
#include "system/gpu_sampler.h"
#include "system/process.h"
#include "system/sandbox_child.h"
#include "tests/system/gpu_support.h"

namespace reconproof::system {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using tests::WithVariable;

constexpr int64_t kMib = int64_t{1} << 20;
constexpr int64_t kLeave = 7630 * kMib;
constexpr const char* kName = "Fake GPU 0";

class GpuBallastTest : public tests::CudaTest {
 protected:
  static void SetUpTestSuite() { set_sandbox_helper_program(RECONPROOF_SANDBOX_HELPER); }

  static ProcessSpec allocating(int mib, const char* seconds) {
    ProcessSpec spec;
    spec.argv = {RECONPROOF_GPU_ALLOCATE, std::to_string(mib), seconds};
    for (const char* name : {"RECONPROOF_CUDA_LIBRARY", "FAKE_GPU_STATE"})
      spec.env[name] = std::getenv(name);
    return spec;
  }
};

TEST_F(GpuBallastTest, LeavesWhatItWasAskedFor) {
  const std::unique_ptr<GpuMonitor> monitor = open_gpu_monitor();
  {
    GpuBallast ballast(0, kName, kLeave);
    ASSERT_EQ(ballast.refused_reason(), "");
    EXPECT_NEAR(static_cast<double>(ballast.left_bytes()), kLeave, 2 * kMib);
    EXPECT_EQ(ballast.held_bytes(), (16384 - 100 - 300 - 7630) * kMib);
    EXPECT_TRUE(ballast.holds());
    const GpuReading reading = monitor->read(0);
    EXPECT_EQ(reading.used_bytes, (16384 - 7630) * kMib);
    ASSERT_THAT(reading.processes, SizeIs(1));
    EXPECT_EQ(reading.processes[0].pid, ballast.pid());
  }
  EXPECT_THAT(monitor->read(0).processes, IsEmpty());
}

TEST_F(GpuBallastTest, FragmentedMemoryIsTakenInPieces) {
  const WithVariable pieces("FAKE_CUDA_PIECE_MIB", "100");
  const GpuBallast ballast(0, kName, kLeave);
  EXPECT_EQ(ballast.refused_reason(), "");
  EXPECT_NEAR(static_cast<double>(ballast.left_bytes()), kLeave, 2 * kMib);
}

TEST_F(GpuBallastTest, WhatDoesNotFitDies) {
  const GpuBallast ballast(0, kName, kLeave);
  const ProcessResult large = run_process(allocating(9 * 1024, "0"));
  EXPECT_EQ(large.exit_code, 1);
  EXPECT_THAT(large.output, HasSubstr("CUDA out of memory"));
  EXPECT_TRUE(run_process(allocating(7 * 1024, "0")).ok());
}

TEST_F(GpuBallastTest, IsNeitherTheRunsNorAStrangers) {
  GpuBallast ballast(0, kName, kLeave);
  const std::unique_ptr<GpuMonitor> monitor = open_gpu_monitor();
  GpuSampler sampler(*monitor, ballast.pid());
  ProcessSpec spec = allocating(2048, "0.3");
  spec.on_start = [&](pid_t root) { sampler.watch(root); };
  ASSERT_TRUE(run_process(spec).ok());
  const GpuUse use = sampler.finish();
  EXPECT_TRUE(use.measured) << use.reason;
  EXPECT_EQ(use.peak_tree_bytes, (2048 + 300) * kMib);
  EXPECT_EQ(use.peak_device_delta_bytes, (2048 + 300) * kMib);
}

TEST_F(GpuBallastTest, ItsEndIsNoticed) {
  GpuBallast ballast(0, kName, kLeave);
  ASSERT_TRUE(ballast.holds());
  ::kill(ballast.pid(), SIGKILL);
  for (int i = 0; i < 1000 && ballast.holds(); ++i) ::usleep(1000);
  EXPECT_FALSE(ballast.holds());
}

TEST_F(GpuBallastTest, ReasonsWhyThereIsNone) {
  const auto refused = [](size_t device, int64_t leave) {
    return GpuBallast(device, kName, leave).refused_reason();
  };
  EXPECT_THAT(refused(1, kLeave), HasSubstr("refuses the GPU: invalid device ordinal"));
  EXPECT_THAT(refused(0, 17'000 * kMib), HasSubstr("GiB were left of the GPU instead of 16.60"));
  {
    const WithVariable unknown("FAKE_CUDA_INIT", "999");
    EXPECT_EQ(refused(0, kLeave),
              "the CUDA driver refuses to start: unknown error (CUDA error 999)");
  }
  {
    const WithVariable unnamed("FAKE_CUDA_INIT", "100");
    EXPECT_THAT(refused(0, kLeave), HasSubstr("no reason given (CUDA error 100)"));
  }
  {
    const WithVariable other("FAKE_CUDA_NAME", "Another GPU");
    EXPECT_EQ(refused(0, kLeave), "the CUDA driver calls the GPU Another GPU, NVML Fake GPU 0");
  }
  {
    const WithVariable missing("RECONPROOF_CUDA_LIBRARY", "/nowhere/libcuda.so.1");
    EXPECT_THAT(refused(0, kLeave), HasSubstr("no CUDA driver: /nowhere/libcuda.so.1"));
  }
  const WithVariable strange("RECONPROOF_CUDA_LIBRARY", RECONPROOF_FAKE_NVML);
  EXPECT_THAT(refused(0, kLeave), HasSubstr("lacks cuInit; is it the driver's own library?"));
}

TEST_F(GpuBallastTest, AProgramThatIsNotThereIsAReason) {
  set_sandbox_helper_program("/nowhere/reconproof");
  EXPECT_THAT(GpuBallast(0, kName, kLeave).refused_reason(),
              HasSubstr("cannot start /nowhere/reconproof"));
  set_sandbox_helper_program("/bin/true");
  EXPECT_THAT(GpuBallast(0, kName, kLeave).refused_reason(), HasSubstr("ended at once"));
  set_sandbox_helper_program(RECONPROOF_SANDBOX_HELPER);
}

}  // namespace
}  // namespace reconproof::system
