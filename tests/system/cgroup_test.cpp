// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/cgroup.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <vector>

#include "system/clock.h"
#include "system/error.h"
#include "system/process.h"

namespace reconproof::system {
namespace {
namespace fs = std::filesystem;

constexpr auto kAll = {CgroupPart::kMemory, CgroupPart::kPids, CgroupPart::kCpu,
                       CgroupPart::kFreezer, CgroupPart::kKill};

TEST(CgroupHierarchies, OfAMachineWithSystemd) {
  const auto found = cgroup_hierarchies(
      "0::/user.slice/user-1000.slice/user@1000.service/app.slice/term.scope\n",
      "24 30 0:22 / /proc rw - proc proc rw\n"
      "35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].version, 2);
  EXPECT_EQ(found[0].top, "/sys/fs/cgroup");
  EXPECT_EQ(found[0].own,
            "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/term.scope");
}

TEST(CgroupHierarchies, OfAHybridMachine) {
  const auto found = cgroup_hierarchies(
      "9:name=systemd:/\n4:memory:/a/b\n2:cpu,cpuacct:/\n0::/\n",
      "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
      "33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
      "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].controllers, std::vector<std::string>{"memory"});
  EXPECT_EQ(found[0].own, "/sys/fs/cgroup/memory/a/b");
  EXPECT_EQ(found[1].controllers, (std::vector<std::string>{"cpu", "cpuacct"}));
  EXPECT_EQ(found[1].own, "/sys/fs/cgroup/cpu,cpuacct");
  EXPECT_EQ(found[2].version, 2);
}

TEST(CgroupHierarchies, OfContainers) {
  const std::string mount = "35 24 0:30 /docker/77 /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
  EXPECT_EQ(cgroup_hierarchies("0::/docker/77\n", mount).at(0).own, "/sys/fs/cgroup");
  EXPECT_TRUE(cgroup_hierarchies("0::/../88\n", mount).empty());
  EXPECT_TRUE(cgroup_hierarchies("0::/\n", "").empty());
  EXPECT_TRUE(cgroup_hierarchies("nonsense\n:\n", "35 24 - cgroup2\n - - -").empty());
}

/// Folders with the files that the choice of a place reads.
class CgroupPlaceTest : public testing::Test {
 protected:
  fs::path make_group(const std::string& name, const std::string& controllers,
                      const std::string& given) {
    const fs::path path = folder_.path() / name;
    make_folders(path);
    write_file(path / "cgroup.procs", "");
    write_file(path / "cgroup.controllers", controllers + "\n");
    // Where processes are, none can be given: a folder cannot be written to, not by root either.
    if (given.empty()) {
      make_folders(path / "cgroup.subtree_control");
    } else {
      write_file(path / "cgroup.subtree_control", given + "\n");
    }
    write_file(path / "memory.max", "max\n");
    write_file(path / "cpu.max", "max 100000\n");
    return path;
  }
  CgroupPlaces find(const fs::path& own) {
    return find_cgroup_places({{2, {}, folder_.path() / "top", own}});
  }
  TemporaryFolder folder_;
};

TEST_F(CgroupPlaceTest, BesideOurOwnGroupWhereThatHasProcesses) {
  make_group("top", "cpu memory pids", "cpu memory pids");
  const fs::path slice = make_group("top/app.slice", "cpu memory pids", "memory pids");
  const fs::path own = make_group("top/app.slice/term.scope", "memory pids", "");
  const CgroupPlaces found = find(own);
  ASSERT_EQ(found.places.size(), 1u);
  EXPECT_EQ(found.places[0].folder, slice);
  EXPECT_EQ(found.places[0].parts, std::vector<CgroupPart>(kAll));
  EXPECT_EQ(found.lacking, "");
}

TEST_F(CgroupPlaceTest, NeverOutOfBoundsThatWereSetForUs) {
  make_group("top", "memory pids", "memory pids");
  const fs::path own = make_group("top/job", "memory pids", "");
  write_file(own / "memory.max", "1000000\n");
  const CgroupPlaces found = find(own);
  ASSERT_EQ(found.places.size(), 1u);
  EXPECT_EQ(found.places[0].folder, own);
  EXPECT_EQ(found.places[0].parts.size(), 3u);  // it still counts, freezes and kills
  EXPECT_NE(found.lacking.find("gives its children no controllers"), std::string::npos);
}

TEST_F(CgroupPlaceTest, OldHierarchiesGiveWhatTheNewOneLacks) {
  const fs::path own = make_group("top", "hugetlb", ""), memory = make_group("memory", "", ""),
                 pids = make_group("pids", "", "");
  CgroupPlaces found = find_cgroup_places(
      {{1, {"memory"}, memory, memory}, {2, {}, own, own}, {1, {"pids"}, pids, pids}});
  ASSERT_EQ(found.places.size(), 3u);
  EXPECT_EQ(found.places[0].parts.size(), 3u);
  EXPECT_EQ(found.places[1].parts, std::vector{CgroupPart::kMemory});
  EXPECT_EQ(found.lacking, "");
  found = find_cgroup_places({{1, {"cpuacct"}, memory, memory}});
  EXPECT_EQ(found.places.at(0).parts, std::vector{CgroupPart::kCpu});
  EXPECT_EQ(found.lacking, "no hierarchy here bounds both memory and processes");
}

TEST_F(CgroupPlaceTest, WhatCannotBeWrittenIsNamed) {
  const CgroupPlaces found = find(folder_.path() / "absent");
  EXPECT_TRUE(found.places.empty());
  EXPECT_NE(found.lacking.find("absent cannot be written by us"), std::string::npos);
  EXPECT_EQ(find_cgroup_places({}).lacking, "no cgroup file system is mounted here");
}

/// By the groups that can be had here, by those of version 1 alone, and by sampling.
class Limits : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    ::setenv("RECONPROOF_CGROUP", GetParam(), 1);
    std::string reason;
    if (by_cgroup() && !Cgroup::create({}, reason)) GTEST_SKIP() << "no cgroup here: " << reason;
  }
  void TearDown() override { ::unsetenv("RECONPROOF_CGROUP"); }
  static bool by_cgroup() { return std::string_view(GetParam()) != "none"; }

  static ProcessSpec shell(const std::string& script) {
    ProcessSpec spec;
    spec.argv = {"bash", "-c", script};
    spec.env = {{"PATH", "/usr/bin:/bin"}};
    spec.timeout_s = 30;
    spec.limits.emplace();
    return spec;
  }
};
INSTANTIATE_TEST_SUITE_P(, Limits, testing::Values("any", "v1", "none"),
                         [](const auto& groups) { return std::string(groups.param); });

TEST_P(Limits, TheResultSaysWhatBoundsIt) {
  const ProcessResult result = run_process(shell("true"));
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.limits_by.starts_with(by_cgroup() ? "cgroup v" : "sampling and rlimits: "), true)
      << result.limits_by;
}

TEST_P(Limits, TooMuchMemoryEndsTheTree) {
  ProcessSpec spec = shell("(dd if=/dev/zero of=/dev/null bs=300M count=1000; true); sleep 20");
  spec.limits->memory_bytes = int64_t{100} << 20;
  const double start = monotonic_seconds();
  const ProcessResult result = run_process(spec);
  EXPECT_EQ(result.stopped, "used more memory than the limit of 104857600 bytes");
  EXPECT_FALSE(result.ok());
  EXPECT_LT(monotonic_seconds() - start, 10);
}

TEST_P(Limits, TooManyProcessesEndTheTree) {
  ProcessSpec spec = shell("for i in $(seq 100); do sleep 20 & done; wait");
  spec.limits->processes = 30;
  const double start = monotonic_seconds();
  EXPECT_EQ(run_process(spec).stopped, "started more processes and threads than the limit of 30");
  EXPECT_LT(monotonic_seconds() - start, 10);
}

TEST_P(Limits, WithinThemNothingHappens) {
  ProcessSpec spec = shell("for i in $(seq 20); do sleep 0.1 & done; wait; exit 3");
  spec.limits->processes = 30;
  spec.limits->memory_bytes = int64_t{1} << 30;
  const ProcessResult result = run_process(spec);
  EXPECT_EQ(result.stopped, "");
  EXPECT_EQ(result.exit_code, 3);
}

TEST_P(Limits, CpuTimeOfShortLivedProcessesIsCounted) {
  const ProcessResult result = run_process(
      shell("for i in $(seq 30); do (for ((j = 0; j < 3000; ++j)); do :; done) & wait; done"));
  EXPECT_GT(result.cpu_s, 0.05);
  EXPECT_LT(result.cpu_s, result.wall_s * 1.2);
}

std::vector<fs::path> groups_of(pid_t pid) {
  std::vector<fs::path> found;
  std::string reason;
  const auto group = Cgroup::create({}, reason);
  for (const std::string& folder : group->folders()) {
    for (const fs::path& entry : sorted_entries(fs::path(folder).parent_path())) {
      if (entry.filename().string().starts_with(fmt::format("reconproof-{}-", pid)))
        found.push_back(entry);
    }
  }
  return found;
}

class Groups : public testing::Test {
 protected:
  void SetUp() override {
    std::string reason;
    if (!Cgroup::create({}, reason)) GTEST_SKIP() << "no cgroup here: " << reason;
  }
};

TEST_F(Groups, AreGoneAfterARun) {
  ProcessSpec spec;
  spec.argv = {"bash", "-c", "(setsid sleep 1000 &); true"};
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  spec.limits.emplace();
  size_t during = 0;
  spec.on_start = [&](pid_t) { during = groups_of(::getpid()).size(); };
  EXPECT_TRUE(run_process(spec).ok());
  EXPECT_GT(during, 0u);
  const size_t own = groups_of(0).size();  // makes one of its own meanwhile
  EXPECT_EQ(own, 0u);
  std::string reason;
  const size_t folders = Cgroup::create({}, reason)->folders().size();
  EXPECT_EQ(groups_of(::getpid()).size(), folders);
}

/// One thread of a killed harness may outlive another by the time that its memory takes to be
/// freed; meanwhile its children see it as living.
void take_long_to_die() {
  static const std::vector<char> large(1 << 29, 'x');
  std::thread([] { ::pause(); }).detach();
}

TEST_F(Groups, OfAKilledHarnessAreRemovedByItsGuard) {
  const TemporaryFolder folder;
  const pid_t harness = ::fork();
  if (harness == 0) {
    take_long_to_die();
    ProcessSpec spec;
    spec.argv = {"bash", "-c", "echo > begun; sleep 1000"};
    spec.env = {{"PATH", "/usr/bin:/bin"}};
    spec.working_directory = folder.path();
    spec.limits.emplace();
    // The worst case of version 1: what is frozen cannot die.
    spec.on_control = [](std::shared_ptr<TreeControl> control) {
      ::usleep(200'000);
      control->freeze();
    };
    run_process(spec);
    ::_exit(0);
  }
  for (int i = 0; i < 500 && !fs::exists(folder.path() / "begun"); ++i) ::usleep(10'000);
  ::usleep(300'000);
  EXPECT_FALSE(groups_of(harness).empty());
  ::kill(harness, SIGKILL);
  ::waitpid(harness, nullptr, 0);
  for (int i = 0; i < 500 && !groups_of(harness).empty(); ++i) ::usleep(10'000);
  EXPECT_TRUE(groups_of(harness).empty());
}

TEST_F(Groups, ThatNobodyOwnsAreRemovedWithWhatIsInThem) {
  const pid_t harness = ::fork();
  if (harness == 0) {
    std::string reason;
    const auto group = Cgroup::create({}, reason);
    int begun[2];
    if (::pipe2(begun, O_CLOEXEC) != 0) ::_exit(1);
    const pid_t left = ::fork();
    if (left == 0) {
      ::execl("/bin/sleep", "sleep", "1000", nullptr);
      ::_exit(127);
    }
    const std::string pid = std::to_string(left);
    for (const int entry : group->entries()) (void)!::write(entry, pid.data(), pid.size());
    ::close(begun[1]);
    char byte = 0;
    (void)!::read(begun[0], &byte, 1);  // the end: it is sleep now, and does not hold the lock
    ::raise(SIGKILL);
  }
  ::waitpid(harness, nullptr, 0);
  EXPECT_FALSE(groups_of(harness).empty());
  Cgroup::remove_abandoned();
  EXPECT_TRUE(groups_of(harness).empty());
}

TEST_F(Groups, OfOthersThatLiveAreLeftAlone) {
  std::string reason;
  const auto group = Cgroup::create({}, reason);
  Cgroup::remove_abandoned();
  for (const std::string& folder : group->folders()) EXPECT_TRUE(fs::exists(folder)) << folder;
}

}  // namespace
}  // namespace reconproof::system
