// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/nvml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "system/host.h"
#include "system/process.h"
#include "tests/system/gpu_support.h"

namespace reconproof::system {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using tests::WithVariable;

constexpr int64_t kNvmlMib = int64_t{1} << 20;

/// What the driver says while `script` runs, below us, long enough to be looked at.
std::vector<GpuReading> readings_while(const std::string& script) {
  const std::unique_ptr<GpuMonitor> monitor = open_gpu_monitor();
  std::vector<GpuReading> readings;
  ProcessSpec spec;
  spec.argv = {"/bin/bash", "-c", script};
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  spec.on_output = [&](std::string_view) {  // the script says when it is ready
    for (size_t i = 0; i < monitor->devices().size(); ++i) readings.push_back(monitor->read(i));
  };
  run_process(spec);
  return readings;
}

/// Starts processes that hold so much memory, waits until all of them do, and says so.
std::string holding(const std::vector<std::string>& amounts) {
  std::string script;
  for (const std::string& amount : amounts)
    script += "(exec -a --fake-gpu-mib=" + amount + " sleep 30) & ";
  return script +
         "for p in $(jobs -p); do until tr '\\0' '\\n' < /proc/$p/cmdline | grep -q "
         "'^--fake-gpu-mib='; do sleep 0.01; done; done; echo ready; sleep 0.1";
}

using NvmlTest = tests::GpuTest;

TEST_F(NvmlTest, ReadsDriverDevicesAndMemory) {
  const WithVariable two("FAKE_NVML_GPUS", "2");
  const std::unique_ptr<GpuMonitor> monitor = open_gpu_monitor();
  EXPECT_EQ(monitor->absent_reason(), "");
  EXPECT_EQ(monitor->driver(), "999.1");
  ASSERT_THAT(monitor->devices(), SizeIs(2));
  EXPECT_EQ(monitor->devices()[1].name, "Fake GPU 1");
  EXPECT_EQ(monitor->devices()[1].total_bytes, 16384 * kNvmlMib);
  const GpuReading idle = monitor->read(1);
  EXPECT_EQ(idle.error, "");
  EXPECT_EQ(idle.used_bytes, 100 * kNvmlMib);
  EXPECT_THAT(idle.processes, IsEmpty());

  const std::vector<GpuReading> busy = readings_while(holding({"900", "50@1"}));
  ASSERT_THAT(busy, SizeIs(2));
  EXPECT_EQ(busy[0].used_bytes, 1000 * kNvmlMib);
  ASSERT_THAT(busy[0].processes, SizeIs(1)) << "it computes and draws, and counts once";
  EXPECT_EQ(busy[0].processes[0].bytes, 900 * kNvmlMib);
  ASSERT_THAT(busy[1].processes, SizeIs(1));
  EXPECT_EQ(busy[1].processes[0].bytes, 50 * kNvmlMib);
}

void expect_three_processes() {
  const std::vector<GpuReading> busy = readings_while(holding({"900", "50", "7"}));
  ASSERT_THAT(busy, SizeIs(1));
  EXPECT_EQ(busy[0].error, "");
  int64_t sum = 0;
  for (const GpuProcess& process : busy[0].processes) sum += process.bytes.value_or(-1);
  EXPECT_THAT(busy[0].processes, SizeIs(3));
  EXPECT_EQ(sum, 957 * kNvmlMib);
}

TEST_F(NvmlTest, ReadsEntriesOfTheUsualLength) { expect_three_processes(); }

TEST_F(NvmlTest, ReadsTheLongerEntriesOfR535) {
  const WithVariable longer("FAKE_NVML_STRIDE", "32");
  expect_three_processes();
}

TEST_F(NvmlTest, ReadsTheOldestDrivers) {
  const WithVariable old("RECONPROOF_NVML_LIBRARY", RECONPROOF_FAKE_NVML_OLD);
  expect_three_processes();
}

TEST_F(NvmlTest, ReadsMoreProcessesThanItExpected) {
  std::vector<std::string> amounts(70, "2");
  const std::vector<GpuReading> busy = readings_while(holding(amounts));
  ASSERT_THAT(busy, SizeIs(1));
  EXPECT_THAT(busy[0].processes, SizeIs(70));
}

TEST_F(NvmlTest, MemoryOfAProcessMayBeHidden) {
  const WithVariable hidden("FAKE_NVML_HIDE", "1");
  const std::vector<GpuReading> busy = readings_while(holding({"900"}));
  ASSERT_THAT(busy, SizeIs(1));
  ASSERT_THAT(busy[0].processes, SizeIs(1));
  EXPECT_EQ(busy[0].processes[0].bytes, std::nullopt);
  EXPECT_EQ(busy[0].used_bytes, 1000 * kNvmlMib);
}

TEST_F(NvmlTest, RefusalsAreReasons) {
  struct Case {
    const char *variable, *value, *reason;
  };
  for (const Case& refusal :
       {Case{"FAKE_NVML_INIT", "9",
             "the NVIDIA driver refuses nvmlInit: Driver Not Loaded (NVML error 9)"},
        Case{"FAKE_NVML_MEMORY", "4",
             "refuses the memory of a GPU: Insufficient Permissions (NVML error 4); run as"},
        Case{"FAKE_NVML_GPUS", "0", "the NVIDIA driver knows no GPU here"},
        Case{"RECONPROOF_NVML_LIBRARY", "/nowhere/libnvidia-ml.so.1",
             "no NVIDIA driver: /nowhere/libnvidia-ml.so.1: cannot open shared object file"},
        Case{"RECONPROOF_NVML_LIBRARY", "libc.so.6", "libc.so.6: lacks functions of NVML"}}) {
    const WithVariable refused(refusal.variable, refusal.value);
    const std::unique_ptr<GpuMonitor> monitor = open_gpu_monitor();
    EXPECT_THAT(monitor->absent_reason(), HasSubstr(refusal.reason));
    EXPECT_THAT(monitor->devices(), IsEmpty());
  }
}

TEST_F(NvmlTest, AListThatMayNotBeReadIsAnError) {
  const std::unique_ptr<GpuMonitor> monitor = open_gpu_monitor();
  const WithVariable refused("FAKE_NVML_LIST", "4");
  EXPECT_THAT(monitor->read(0).error, HasSubstr("its list of processes: Insufficient Permissions"));
}

TEST_F(NvmlTest, HostInfoAsksTheDriverWhereProcHasNoGpu) {
  if (access("/proc/driver/nvidia/gpus", F_OK) == 0) GTEST_SKIP() << "this machine has GPUs";
  const HostInfo info = host_info();
  EXPECT_THAT(info.gpus, testing::ElementsAre("Fake GPU 0"));
  EXPECT_EQ(info.gpu_driver, "999.1");
}

// ---- lengths of entries ----

constexpr std::array<size_t, 2> kStrides = {24, 32};

std::vector<unsigned char> entries(size_t stride, const std::vector<unsigned>& pids,
                                   unsigned char rest) {
  std::vector<unsigned char> bytes(64 * 8, rest);
  for (size_t i = 0; i < pids.size(); ++i) {
    std::memset(&bytes[i * stride], 0, stride);
    std::memcpy(&bytes[i * stride], &pids[i], sizeof pids[i]);
  }
  return bytes;
}

bool is_small(pid_t pid) { return pid > 0 && pid < 100; }

TEST(NvmlStride, EndsWhereThePoisonBegins) {
  for (const size_t stride : kStrides) {
    EXPECT_EQ(nvml_stride(entries(stride, {11, 12, 13}, kNvmlPoison), 3, kStrides, is_small),
              stride);
    // Pids of another namespace.
    EXPECT_EQ(nvml_stride(entries(stride, {811, 812}, kNvmlPoison), 2, kStrides, is_small), stride);
  }
}

TEST(NvmlStride, PidsDecideWhereADriverClearsTheRest) {
  for (const size_t stride : kStrides)
    EXPECT_EQ(nvml_stride(entries(stride, {11, 12, 13}, 0), 3, kStrides, is_small), stride);
}

TEST(NvmlStride, OneEntryNeedsNone) {
  EXPECT_EQ(nvml_stride(entries(32, {11}, kNvmlPoison), 1, kStrides, is_small), 24u);
  EXPECT_EQ(nvml_stride(entries(32, {}, kNvmlPoison), 0, kStrides, is_small), 24u);
}

}  // namespace
}  // namespace reconproof::system
