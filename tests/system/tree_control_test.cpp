// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/tree_control.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

#include "system/clock.h"
#include "system/files.h"
#include "tests/system/sandbox_support.h"

namespace reconproof::system {
namespace {
namespace fs = std::filesystem;

// Three processes that count, of which one is a daemon, and one forks all the time until there is a
// file "done".
constexpr const char* kCounters =
    "count() { while :; do echo >> $1; done; };"
    "forks() { while [ ! -e done ]; do (echo >> $1); done; };"
    "count a & (setsid bash -c 'while :; do echo >> b; done' &); forks c";

/// Runs a command and does something to it from another thread once it has begun.
template <typename Act>
ProcessResult act_on(const std::string& script, const fs::path& folder, Act&& act) {
  ProcessSpec spec;
  spec.argv = {"bash", "-c", script};
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  spec.working_directory = folder;
  spec.timeout_s = 30;
  std::thread actor;
  spec.on_control = [&](std::shared_ptr<TreeControl> control) {
    actor = std::thread([control, &act] { act(*control); });
  };
  const ProcessResult result = run_process(spec);
  if (actor.joinable()) actor.join();
  return result;
}

int64_t counted(const fs::path& folder) {
  int64_t total = 0;
  for (const char* name : {"a", "b", "c"}) {
    std::error_code absent;
    const auto size = fs::file_size(folder / name, absent);
    if (!absent) total += static_cast<int64_t>(size);
  }
  return total;
}

bool all_count(const fs::path& folder) {
  std::error_code absent;
  for (const char* name : {"a", "b", "c"}) {
    if (!fs::exists(folder / name, absent)) return false;
  }
  return true;
}

/// By the groups that can be had here, by those of version 1 alone, and by signals.
class Freezing : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { ::setenv("RECONPROOF_CGROUP", GetParam(), 1); }
  void TearDown() override { ::unsetenv("RECONPROOF_CGROUP"); }
  TemporaryFolder folder_;
};
INSTANTIATE_TEST_SUITE_P(, Freezing, testing::Values("any", "v1", "none"),
                         [](const auto& groups) { return std::string(groups.param); });

TEST_P(Freezing, NothingAdvancesUntilItIsThawed) {
  std::string means;
  double frozen_cpu = 0;
  const ProcessResult result = act_on(kCounters, folder_.path(), [&](TreeControl& control) {
    means = control.means();
    while (!all_count(folder_.path())) ::usleep(1000);
    for (int i = 0; i < 20; ++i) {
      control.freeze();
      const double cpu = control.cpu_seconds();
      const int64_t before = counted(folder_.path());
      ::usleep(10'000);
      EXPECT_EQ(counted(folder_.path()), before) << "after freeze " << i;
      frozen_cpu += control.cpu_seconds() - cpu;
      control.thaw();
      const double deadline = monotonic_seconds() + 5;
      while (counted(folder_.path()) == before && monotonic_seconds() < deadline) ::usleep(1000);
      EXPECT_GT(counted(folder_.path()), before) << "after thaw " << i;
    }
    EXPECT_GT(control.cpu_seconds(), 0.02);
    write_file(folder_.path() / "done", "");
  });
  EXPECT_LT(frozen_cpu, 0.001) << means;
  if (std::string_view(GetParam()) == "none") {
    EXPECT_EQ(means, "SIGSTOP");
  }
  EXPECT_GE(result.frozen_s, 0.2);
}

TEST_P(Freezing, AFrozenTreeIsKilledAtTheTimeout) {
  ProcessSpec spec;
  spec.argv = {"bash", "-c", kCounters};
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  spec.working_directory = folder_.path();
  spec.timeout_s = 0.5;
  std::shared_ptr<TreeControl> kept;
  spec.on_control = [&](std::shared_ptr<TreeControl> control) {
    control->freeze();
    kept = std::move(control);
  };
  const double start = monotonic_seconds();
  const ProcessResult result = run_process(spec);
  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_LT(monotonic_seconds() - start, 5);
  EXPECT_GT(result.frozen_s,
            0.25);  // of half a second, less what a busy machine takes to freeze it
  EXPECT_LT(result.wall_s, 0.4);
  // Its ids may be somebody else's by now.
  kept->freeze();
  kept->thaw();
  EXPECT_GE(kept->cpu_seconds(), 0);
}

TEST_P(Freezing, TimeFrozenIsNoWallTime) {
  const ProcessResult result =
      act_on("sleep 0.1; exit 3", folder_.path(), [&](TreeControl& control) {
        control.freeze();
        ::usleep(500'000);
        control.thaw();
      });
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_GT(result.frozen_s, 0.49);
  EXPECT_LT(result.wall_s, 0.4);
}

using FreezingInSandbox = tests::SandboxTest;

void expect_that_a_sandbox_stands_still() {
  const TemporaryFolder folder;
  make_folders(folder.path() / "out");
  SandboxSpec spec;
  spec.argv = {"bash", "-c", std::string("cd /out; ") + kCounters};
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  spec.mounts = {{folder.path() / "out", "/out", true}};
  spec.timeout_s = 2;
  std::thread actor;
  spec.on_control = [&](std::shared_ptr<TreeControl> control) {
    actor = std::thread([control, &folder] {
      while (!all_count(folder.path() / "out")) ::usleep(1000);
      control->freeze();
      const int64_t before = counted(folder.path() / "out");
      ::usleep(50'000);
      EXPECT_EQ(counted(folder.path() / "out"), before);
      control->thaw();
    });
  };
  const SandboxResult result = run_in_sandbox(spec);
  actor.join();
  EXPECT_TRUE(result.timed_out);
}

TEST_F(FreezingInSandbox, ByCgroup) { expect_that_a_sandbox_stands_still(); }
TEST_F(FreezingInSandbox, BySignals) {
  ::setenv("RECONPROOF_CGROUP", "none", 1);
  expect_that_a_sandbox_stands_still();
  ::unsetenv("RECONPROOF_CGROUP");
}

}  // namespace
}  // namespace reconproof::system
