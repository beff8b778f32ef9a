// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "system/clock.h"
#include "system/error.h"
#include "system/files.h"
#include "system/interrupt.h"

namespace reconproof::system {
namespace {

ProcessSpec shell(const std::string& script) {
  ProcessSpec spec;
  spec.argv = {"/bin/sh", "-c", script};
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  return spec;
}

bool alive(pid_t pid) { return ::kill(pid, 0) == 0; }

pid_t pid_in(const std::filesystem::path& file) { return std::stoi(read_file(file)); }

/// A killed process may need a moment until its reaper has taken it off the list.
bool gone_soon(pid_t pid) {
  for (int i = 0; i < 200 && alive(pid); ++i) ::usleep(10'000);
  return !alive(pid);
}

TEST(Process, PassesExitCodeOutputAndArguments) {
  ProcessSpec spec = shell("printf 'out %s\\n' \"$1\"; echo err >&2; exit 7");
  spec.argv.insert(spec.argv.end(), {"sh", "a b"});
  const ProcessResult result = run_process(spec);
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_EQ(result.signal, 0);
  EXPECT_EQ(result.output, "out a b\nerr\n");
  EXPECT_FALSE(result.ok());
}

TEST(Process, SplitsStreamsAndUsesFiles) {
  const TemporaryFolder folder;
  write_file(folder.path() / "in", "given");
  ProcessSpec spec = shell("cat; echo err >&2");
  spec.stdin_file = folder.path() / "in";
  spec.split_stderr = true;
  ProcessResult result = run_process(spec);
  EXPECT_EQ(result.output, "given");
  EXPECT_EQ(result.error_output, "err\n");
  spec.stdout_file = folder.path() / "out";
  spec.stderr_file = folder.path() / "err";
  result = run_process(spec);
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(read_file(folder.path() / "out"), "given");
  EXPECT_EQ(read_file(folder.path() / "err"), "err\n");
}

TEST(Process, StdinIsEmptyWithoutAFile) {
  EXPECT_EQ(run_process(shell("cat | wc -c")).output, "0\n");
}

TEST(Process, EnvironmentIsExact) {
  ::setenv("RECONPROOF_SECRET", "leak", 1);
  ProcessSpec spec = shell("env | sort");
  spec.argv = {"env"};
  spec.env = {{"PATH", "/usr/bin:/bin"}, {"A", "1"}};
  EXPECT_EQ(run_process(spec).output, "A=1\nPATH=/usr/bin:/bin\n");
}

TEST(Process, WorkingDirectoryIsSetAndItsAbsenceSaid) {
  ProcessSpec spec = shell("pwd");
  spec.working_directory = "/usr";
  EXPECT_EQ(run_process(spec).output, "/usr\n");
  spec.working_directory = "/nowhere";
  EXPECT_EQ(run_process(spec).start_error, "working directory /nowhere: No such file or directory");
}

TEST(Process, SaysWhyItDidNotStart) {
  ProcessSpec spec = shell("");
  spec.argv = {"no-such-command"};
  EXPECT_EQ(run_process(spec).start_error, "no-such-command: command not found in PATH");
  spec.argv = {"/etc/passwd"};
  EXPECT_EQ(run_process(spec).start_error, "/etc/passwd: Permission denied");
}

TEST(Process, ClosesDescriptorsThatAreNotPassed) {
  const int leaky = ::open("/etc/passwd", O_RDONLY);  // not close-on-exec, on purpose
  const int passed = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ProcessSpec spec = shell("ls /proc/self/fd | tr '\\n' ' '");
  spec.descriptors = {{passed, 9}};
  EXPECT_EQ(run_process(spec).output, "0 1 2 3 9 ");  // 3 is the folder that ls reads
  ::close(leaky);
  ::close(passed);
}

TEST(Process, DescriptorsMayChangePlaces) {
  int first[2], second[2];
  ASSERT_EQ(::pipe2(first, O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(second, O_CLOEXEC), 0);
  ProcessSpec spec = shell(fmt::format("echo one >&{}; echo two >&{}", second[1], first[1]));
  spec.descriptors = {{first[1], second[1]}, {second[1], first[1]}};
  EXPECT_TRUE(run_process(spec).ok());
  char text[8] = {};
  EXPECT_EQ(::read(first[0], text, sizeof text), 4);
  EXPECT_STREQ(text, "one\n");
  for (int fd : {first[0], first[1], second[0], second[1]}) ::close(fd);
}

TEST(Process, KeepsHeadAndTailOfAFlood) {
  ProcessSpec spec = shell("echo begin; yes | head -c 3000000; echo end");
  spec.capture_bytes = 4000;
  const ProcessResult result = run_process(spec);
  EXPECT_TRUE(result.ok());
  EXPECT_TRUE(result.output.starts_with("begin\n"));
  EXPECT_TRUE(result.output.ends_with("end\n"));
  EXPECT_NE(result.output.find("[... 2996010 bytes left out ...]"), std::string::npos)
      << result.output.size();
  EXPECT_LT(result.output.size(), 4100u);
}

TEST(Process, ReportsSignals) {
  const ProcessResult result = run_process(shell("kill -SEGV $$"));
  EXPECT_EQ(result.signal, SIGSEGV);
  EXPECT_EQ(result.exit_code, -1);
}

TEST(Process, TimeoutKillsTheTreeEvenWhenItIgnoresSigterm) {
  const TemporaryFolder folder;
  ProcessSpec spec = shell("trap '' TERM INT HUP; sleep 1000 & echo $! > pid; wait; sleep 1000");
  spec.working_directory = folder.path();
  spec.timeout_s = 0.3;
  const ProcessResult result = run_process(spec);
  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_GE(result.wall_s, 0.3);
  EXPECT_LT(result.wall_s, 5);
  EXPECT_TRUE(gone_soon(pid_in(folder.path() / "pid")));
}

TEST(Process, DaemonsDoNotOutliveTheRun) {
  const TemporaryFolder folder;
  ProcessSpec spec = shell(
      "(setsid sh -c 'echo $$ > pid; trap \"\" TERM; while :; do sleep 1; done' &) ; sleep 0.2");
  spec.working_directory = folder.path();
  const double start = monotonic_seconds();
  EXPECT_TRUE(run_process(spec).ok());
  EXPECT_LT(monotonic_seconds() - start, 5);
  EXPECT_TRUE(gone_soon(pid_in(folder.path() / "pid")));
}

TEST(Process, LeavesNoZombie) {
  run_process(shell("true & true & exit 0"));
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(Process, MeasuresTimeCpuAndMemory) {
  // dd holds one block of 200 MB.
  ProcessSpec spec = shell("dd if=/dev/zero of=/dev/null bs=200M count=3 2>/dev/null; sleep 0.2");
  const ProcessResult result = run_process(spec);
  EXPECT_TRUE(result.ok());
  EXPECT_GE(result.wall_s, 0.2);
  EXPECT_GT(result.cpu_s, 0.01);
  EXPECT_LE(result.cpu_s, result.wall_s * 2);
  EXPECT_GT(result.peak_rss_bytes, int64_t{200} << 20);
  EXPECT_LT(result.peak_rss_bytes, int64_t{260} << 20);
  EXPECT_LT(run_process(shell("sleep 0.1")).peak_rss_bytes, int64_t{20} << 20);
}

TEST(Process, WatchdogStopsTheTree) {
  ProcessSpec spec = shell("sleep 1000");
  spec.watchdog = [](const TreeUsage& usage) { return usage.processes > 0 ? "enough" : ""; };
  const ProcessResult result = run_process(spec);
  EXPECT_EQ(result.stopped, "enough");
  EXPECT_EQ(result.signal, SIGKILL);
}

TEST(Process, RunsSeveralAtOnce) {
  std::vector<std::thread> threads;
  std::vector<int> codes(8, -1);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&codes, i] {
      codes[i] = run_process(shell(fmt::format("sleep 0.05; exit {}", i))).exit_code;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(codes, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7}));
}

/// Ends a harness in the middle of a run; nothing that it started may live on.
void expect_tree_dies_with(int signal) {
  const TemporaryFolder folder;
  const pid_t harness = ::fork();
  if (harness == 0) {
    ProcessSpec spec = shell(
        "(setsid sleep 1000 & echo $! > daemon); echo $$ > pid.part; mv pid.part pid; sleep 1000");
    spec.working_directory = folder.path();
    try {
      run_process(spec);
    } catch (const Interrupted& interrupted) {
      die_of(interrupted);
    }
    ::_exit(0);
  }
  for (int i = 0; i < 500 && !std::filesystem::exists(folder.path() / "pid"); ++i) ::usleep(10'000);
  ::kill(harness, signal);
  int status = 0;
  ::waitpid(harness, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), signal);
  EXPECT_TRUE(gone_soon(pid_in(folder.path() / "pid")));
  EXPECT_TRUE(gone_soon(pid_in(folder.path() / "daemon")));
}

TEST(Process, InterruptKillsTheTree) { expect_tree_dies_with(SIGINT); }
TEST(Process, OurTerminationKillsTheTree) { expect_tree_dies_with(SIGTERM); }
TEST(Process, OurDeathKillsTheTree) { expect_tree_dies_with(SIGKILL); }

TEST(FindProgram, SearchesOnlyAbsoluteFolders) {
  EXPECT_EQ(find_program("sh", "/nowhere:/bin"), "/bin/sh");
  EXPECT_EQ(find_program("sh", ".:"), "");
  EXPECT_EQ(find_program("passwd", "/etc"), "");  // not executable
}

}  // namespace
}  // namespace reconproof::system
