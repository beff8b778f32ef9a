// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/host.h"

#include <gtest/gtest.h>

#include "system/files.h"

namespace reconproof::system {
namespace {

TEST(Host, ReadsAMachineWithGpus) {
  const TemporaryFolder root;
  write_file(root.path() / "etc/os-release",
             "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
  write_file(root.path() / "proc/cpuinfo",
             "processor\t: 0\nmodel name\t: Some CPU @ 3 GHz\nmodel name\t: other\n");
  write_file(root.path() / "proc/meminfo", "MemTotal:       16384 kB\nMemFree: 1 kB\n");
  const auto gpus = root.path() / "proc/driver/nvidia/gpus";
  write_file(gpus / "0000:b1:00.0/information", "Model: \t\t NVIDIA Second\nIRQ: 1\n");
  write_file(gpus / "0000:01:00.0/information", "Model: \t\t NVIDIA GeForce GTX 1080\nIRQ: 1\n");
  write_file(
      root.path() / "proc/driver/nvidia/version",
      "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024\n");
  const HostInfo info = host_info(root.path());
  EXPECT_EQ(info.os, "Debian GNU/Linux 12 (bookworm)");
  EXPECT_EQ(info.cpu, "Some CPU @ 3 GHz");
  EXPECT_EQ(info.memory_bytes, int64_t{16} << 20);
  EXPECT_EQ(info.gpus, (std::vector<std::string>{"NVIDIA GeForce GTX 1080", "NVIDIA Second"}));
  EXPECT_EQ(info.gpu_driver, "535.183.01");
  EXPECT_GE(info.cores, 1);
  EXPECT_FALSE(info.kernel.empty());
}

TEST(Host, AnEmptyRootGivesNothing) {
  const TemporaryFolder root;
  const HostInfo info = host_info(root.path());
  EXPECT_EQ(info.os, "");
  EXPECT_EQ(info.memory_bytes, 0);
  EXPECT_TRUE(info.gpus.empty());
  EXPECT_EQ(info.gpu_driver, "");
  EXPECT_EQ(info.container, "");
}

TEST(Host, ContainersLeaveTheirMark) {
  const TemporaryFolder root;
  write_file(root.path() / "run/systemd/container", "lxc\n");
  EXPECT_EQ(host_info(root.path()).container, "lxc");
  write_file(root.path() / ".dockerenv", "");
  EXPECT_EQ(host_info(root.path()).container, "docker");
  write_file(root.path() / "run/.containerenv", "");
  EXPECT_EQ(host_info(root.path()).container, "podman");
}

TEST(Host, ReadsThisMachine) {
  const HostInfo info = host_info();
  EXPECT_GT(info.memory_bytes, 0);
  EXPECT_FALSE(info.kernel.empty());
}

}  // namespace
}  // namespace reconproof::system
