// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/gpu_sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "system/clock.h"
#include "system/process.h"
#include "tests/system/gpu_support.h"
#include "tests/system/sandbox_support.h"

namespace reconproof::system {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using tests::WithVariable;

constexpr int64_t kSampledMib = int64_t{1} << 20;

ProcessSpec bash(const std::string& script) {
  ProcessSpec spec;
  spec.argv = {"/bin/bash", "-c", script};
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  return spec;
}

GpuUse use_of(const std::string& script) {
  const std::unique_ptr<GpuMonitor> monitor = open_gpu_monitor();
  GpuSampler sampler(*monitor);
  ProcessSpec spec = bash(script);
  spec.on_start = [&](pid_t root) { sampler.watch(root); };
  run_process(spec);
  return sampler.finish();
}

/// A process that is not the run's, on the GPU from here to the end of the scope.
class Foreigner {
 public:
  explicit Foreigner(const std::string& gpu = "0") {
    ProcessSpec spec = bash("exec -a --fake-gpu-mib=40@" + gpu + " sleep 60");
    spec.watchdog = [this](const TreeUsage&) { return ended_ ? "enough" : ""; };
    thread_ = std::thread([spec] { run_process(spec); });
    const std::unique_ptr<GpuMonitor> monitor = open_gpu_monitor();
    while (!is_on(*monitor)) {
    }
  }
  ~Foreigner() {
    ended_ = true;
    thread_.join();
  }

 private:
  static bool is_on(GpuMonitor& monitor) {
    for (size_t i = 0; i < monitor.devices().size(); ++i) {
      for (const GpuProcess& process : monitor.read(i).processes) {
        if (process.bytes == 40 * kSampledMib) return true;
      }
    }
    return false;
  }

  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

using GpuSamplerTest = tests::GpuTest;

TEST_F(GpuSamplerTest, MeasuresARun) {
  const GpuUse use = use_of("exec -a --fake-gpu-mib=900 sleep 0.3");
  EXPECT_TRUE(use.measured) << use.reason;
  EXPECT_EQ(use.reason, "");
  EXPECT_EQ(use.peak_tree_bytes, 900 * kSampledMib);
  EXPECT_EQ(use.peak_device_delta_bytes, 900 * kSampledMib);
  EXPECT_TRUE(use.per_process_visible);
  EXPECT_GE(use.samples, 2);
  EXPECT_GT(use.interval_ms, 0);
  EXPECT_EQ(use.device, "Fake GPU 0");
  EXPECT_EQ(use.driver, "999.1");
  EXPECT_EQ(use.total_bytes, 16384 * kSampledMib);
  EXPECT_THAT(use.foreign, IsEmpty());
}

TEST_F(GpuSamplerTest, GrandchildrenAndDaemonsCount) {
  const GpuUse use = use_of(
      "(setsid bash -c '(exec -a --fake-gpu-mib=600 sleep 0.3) & exec -a --fake-gpu-mib=300 sleep "
      "0.3' &); sleep 0.4");
  EXPECT_TRUE(use.measured) << use.reason;
  EXPECT_EQ(use.peak_tree_bytes, 900 * kSampledMib);
}

TEST_F(GpuSamplerTest, TheSumCountsAtOneTime) {
  const GpuUse use =
      use_of("(exec -a --fake-gpu-mib=600 sleep 0.2); (exec -a --fake-gpu-mib=300 sleep 0.2)");
  EXPECT_EQ(use.peak_tree_bytes, 600 * kSampledMib);
}

// A single such process may fall between two samples where the machine is busy.
TEST_F(GpuSamplerTest, SeesProcessesOfFiftyMilliseconds) {
  const GpuUse use = use_of(
      "for i in 1 2 3 4 5 6 7 8; do (exec -a --fake-gpu-mib=900 sleep 0.05); sleep 0.02; done");
  EXPECT_TRUE(use.measured) << use.reason;
  EXPECT_EQ(use.peak_tree_bytes, 900 * kSampledMib);
}

TEST_F(GpuSamplerTest, HiddenMemoryFallsBackToTheWholeGpu) {
  const WithVariable hidden("FAKE_NVML_HIDE", "1");
  const GpuUse use = use_of("exec -a --fake-gpu-mib=900 sleep 0.3");
  EXPECT_TRUE(use.measured) << use.reason;
  EXPECT_FALSE(use.per_process_visible);
  EXPECT_EQ(use.peak_tree_bytes, 0);
  EXPECT_EQ(use.peak_device_delta_bytes, 900 * kSampledMib);
  EXPECT_EQ(use.peak_bytes(), 900 * kSampledMib);
}

TEST_F(GpuSamplerTest, TwoGpusAddUp) {
  const WithVariable two("FAKE_NVML_GPUS", "2");
  const GpuUse use =
      use_of("(exec -a --fake-gpu-mib=300 sleep 0.3) & exec -a --fake-gpu-mib=600@1 sleep 0.3");
  EXPECT_EQ(use.peak_tree_bytes, 900 * kSampledMib);
  EXPECT_EQ(use.peak_device_delta_bytes, 900 * kSampledMib);
}

TEST_F(GpuSamplerTest, ARunWithoutGpuIsNotMeasured) {
  const GpuUse use = use_of("sleep 0.1");
  EXPECT_FALSE(use.measured);
  EXPECT_EQ(use.reason, "no process of the run used a GPU");
}

TEST_F(GpuSamplerTest, ARunThatNeverBeganIsNotMeasured) {
  const std::unique_ptr<GpuMonitor> monitor = open_gpu_monitor();
  EXPECT_EQ(GpuSampler(*monitor).finish().reason, "the run was not sampled");
}

void expect_foreign(const GpuUse& use) {
  EXPECT_FALSE(use.measured);
  EXPECT_THAT(use.reason, HasSubstr("another process used the GPU: pid "));
  EXPECT_THAT(use.foreign, SizeIs(1));
}

constexpr const char* kRun = "exec -a --fake-gpu-mib=900 sleep 0.5";

TEST_F(GpuSamplerTest, AForeignProcessAllTheTimeSpoilsIt) {
  const Foreigner foreigner;
  expect_foreign(use_of(kRun));
}

TEST_F(GpuSamplerTest, AForeignProcessBeforeSpoilsIt) {
  const std::unique_ptr<GpuMonitor> monitor = open_gpu_monitor();
  auto foreigner = std::make_unique<Foreigner>();
  GpuSampler sampler(*monitor);
  foreigner.reset();
  ProcessSpec spec = bash(kRun);
  spec.on_start = [&](pid_t root) { sampler.watch(root); };
  run_process(spec);
  expect_foreign(sampler.finish());
}

TEST_F(GpuSamplerTest, AForeignProcessMeanwhileSpoilsIt) {
  const std::unique_ptr<GpuMonitor> monitor = open_gpu_monitor();
  GpuSampler sampler(*monitor);
  ProcessSpec spec = bash("echo; " + std::string(kRun));
  spec.on_start = [&](pid_t root) { sampler.watch(root); };
  spec.on_output = [](std::string_view) {
    const Foreigner foreigner;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  };
  run_process(spec);
  expect_foreign(sampler.finish());
}

TEST_F(GpuSamplerTest, AForeignProcessAfterSpoilsIt) {
  const std::unique_ptr<GpuMonitor> monitor = open_gpu_monitor();
  GpuSampler sampler(*monitor);
  ProcessSpec spec = bash(kRun);
  spec.on_start = [&](pid_t root) { sampler.watch(root); };
  run_process(spec);
  const Foreigner foreigner;
  expect_foreign(sampler.finish());
}

TEST_F(GpuSamplerTest, AForeignProcessOnAnotherGpuIsInNobodysWay) {
  const WithVariable two("FAKE_NVML_GPUS", "2");
  const Foreigner foreigner("1");
  const GpuUse use = use_of(kRun);
  EXPECT_TRUE(use.measured) << use.reason;
  EXPECT_THAT(use.foreign, IsEmpty());
}

TEST_F(GpuSamplerTest, MemoryOfNobodyIsNotMeasured) {
  const WithVariable container("FAKE_NVML_NO_PIDS", "1");
  const GpuUse use = use_of(kRun);
  EXPECT_FALSE(use.measured);
  EXPECT_THAT(use.reason, HasSubstr("does not name the processes"));
}

TEST_F(GpuSamplerTest, DriverErrorsAreReasons) {
  {
    const WithVariable none("FAKE_NVML_INIT", "9");
    EXPECT_THAT(use_of("true").reason, HasSubstr("Driver Not Loaded"));
  }
  const WithVariable refused("FAKE_NVML_LIST", "4");
  const GpuUse use = use_of(kRun);
  EXPECT_FALSE(use.measured);
  EXPECT_THAT(use.reason, HasSubstr("Insufficient Permissions"));
}

TEST_F(GpuSamplerTest, AMissingLibraryIsAReason) {
  const WithVariable missing("RECONPROOF_NVML_LIBRARY", "/nowhere/nvml.so");
  const GpuUse use = use_of("true");
  EXPECT_FALSE(use.measured);
  EXPECT_THAT(use.reason, HasSubstr("no NVIDIA driver: /nowhere/nvml.so"));
}

// ---- what a monitor of our own says ----

/// Each reading is the next of a list; the last one stays.
class Scripted final : public GpuMonitor {
 public:
  explicit Scripted(std::vector<GpuReading> readings) : readings_(std::move(readings)) {}
  std::string absent_reason() const override { return ""; }
  std::string driver() const override { return "1"; }
  const std::vector<GpuDevice>& devices() const override { return devices_; }
  GpuReading read(size_t) override {
    return readings_[next_ + 1 < readings_.size() ? next_++ : next_];
  }

 private:
  std::vector<GpuDevice> devices_ = {{"Scripted", 1000}};
  std::vector<GpuReading> readings_;
  size_t next_ = 0;
};

GpuUse use_with(Scripted monitor, double seconds) {
  GpuSampler sampler(monitor);
  sampler.watch(::getpid());
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  return sampler.finish();
}

constexpr pid_t kNobody = 0x7ffffff0;  // above every pid_max

TEST(GpuSampler, IdleIsTheLeastThatWasSeen) {
  const GpuProcess ours{::getpid(), std::nullopt};
  const GpuUse use =
      use_with(Scripted({{"", 300, {}}, {"", 100, {}}, {"", 250, {ours}}, {"", 120, {}}}), 0.2);
  EXPECT_TRUE(use.measured) << use.reason;
  EXPECT_EQ(use.peak_device_delta_bytes, 150);
}

TEST(GpuSampler, APidOfAnotherNamespaceIsForeign) {
  const GpuProcess ours{::getpid(), 7}, strange{kNobody, 7};
  EXPECT_THAT(use_with(Scripted({{"", 0, {}}, {"", 14, {ours, strange}}}), 1.5).reason,
              HasSubstr("not a process of this machine's /proc"));
}

TEST(GpuSampler, APidThatHasJustEndedIsNot) {
  const GpuProcess ours{::getpid(), 7}, ended{kNobody, 7};
  const GpuUse use =
      use_with(Scripted({{"", 0, {}}, {"", 14, {ours, ended}}, {"", 7, {ours}}}), 0.1);
  EXPECT_TRUE(use.measured) << use.reason;
  EXPECT_EQ(use.peak_tree_bytes, 7);
}

TEST(GpuSampler, AnErrorOnTheWayEndsIt) {
  const GpuProcess ours{::getpid(), 7};
  const GpuUse use =
      use_with(Scripted({{"", 0, {}}, {"", 7, {ours}}, {"GPU is lost", 0, {}}}), 0.1);
  EXPECT_FALSE(use.measured);
  EXPECT_EQ(use.reason, "GPU is lost");
}

/// A driver that is slow, and busy with it.
class Busy final : public GpuMonitor {
 public:
  std::string absent_reason() const override { return ""; }
  std::string driver() const override { return "1"; }
  const std::vector<GpuDevice>& devices() const override { return devices_; }
  GpuReading read(size_t) override {
    const double begin = thread_cpu_seconds();
    while (thread_cpu_seconds() - begin < 0.005) {
    }
    return {"", 7, {{::getpid(), 7}}};
  }

 private:
  std::vector<GpuDevice> devices_ = {{"Busy", 1000}};
};

TEST(GpuSampler, TakesAHundredthOfACoreAfterTheFirstTenth) {
  Busy monitor;
  GpuSampler sampler(monitor);
  sampler.watch(::getpid());
  std::this_thread::sleep_for(std::chrono::duration<double>(2.5));
  const GpuUse use = sampler.finish();
  EXPECT_GE(use.samples, 5);
  EXPECT_GT(use.sampling_cpu_s, 0.02);
  EXPECT_LT(use.sampling_cpu_s, 0.1 + 0.01 * 2.5 + 0.02);
}

// ---- in the sandbox ----

class GpuSandboxTest : public tests::SandboxTest {
  WithVariable library_{"RECONPROOF_NVML_LIBRARY", RECONPROOF_FAKE_NVML};
};

TEST_F(GpuSandboxTest, GrandchildrenInTheSandboxCount) {
  const std::unique_ptr<GpuMonitor> monitor = open_gpu_monitor();
  GpuSampler sampler(*monitor);
  SandboxSpec spec;
  spec.argv = {"bash", "-c",
               "(setsid bash -c '(exec -a --fake-gpu-mib=900 sleep 0.3) & wait' &); sleep 0.4"};
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  spec.on_start = [&](pid_t root) { sampler.watch(root); };
  ASSERT_TRUE(run_in_sandbox(spec).ok());
  const GpuUse use = sampler.finish();
  EXPECT_TRUE(use.measured) << use.reason;
  EXPECT_EQ(use.peak_tree_bytes, 900 * kSampledMib);
}

}  // namespace
}  // namespace reconproof::system
