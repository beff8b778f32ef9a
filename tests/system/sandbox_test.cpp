// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "system/clock.h"
#include "system/error.h"
#include "system/files.h"
#include "tests/system/sandbox_support.h"

namespace reconproof::system {
namespace {
namespace fs = std::filesystem;

class Sandbox : public tests::SandboxTest {
 protected:
  SandboxSpec shell(const std::string& script) {
    SandboxSpec spec;
    spec.argv = {"bash", "-c", script};
    spec.env = {{"PATH", "/usr/bin:/bin"}};
    spec.timeout_s = 30;
    return spec;
  }
  fs::path make_folder(const std::string& name) {
    const fs::path path = folder_.path() / name;
    make_folders(path);
    return path;
  }
  static int64_t count(const SandboxResult& result, const std::string& kind,
                       const std::string& detail) {
    int64_t total = 0;
    for (const Attempt& attempt : result.attempts) {
      if (attempt.kind == kind && attempt.detail == detail) total += attempt.count;
    }
    return total;
  }
  TemporaryFolder folder_;  // 0700: as root, an ordinary uid cannot enter it
};

TEST_F(Sandbox, PassesExitCodeAndOutput) {
  const SandboxResult result = run_in_sandbox(shell("echo out; echo err >&2; exit 7"));
  EXPECT_EQ(result.refused_reason, "");
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_EQ(result.output, "out\nerr\n");
  EXPECT_TRUE(run_in_sandbox(shell("true")).ok());
}

TEST_F(Sandbox, ReportsSignals) {
  const SandboxResult result = run_in_sandbox(shell("kill -SEGV $$"));
  EXPECT_EQ(result.signal, SIGSEGV);
  EXPECT_EQ(result.exit_code, -1);
}

TEST_F(Sandbox, CommandNotFoundIsTheCommandsFault) {
  SandboxSpec spec = shell("");
  spec.argv = {"no-such-command"};
  const SandboxResult result = run_in_sandbox(spec);
  EXPECT_EQ(result.refused_reason, "");
  EXPECT_NE(result.start_error.find("command not found"), std::string::npos) << result.start_error;
  EXPECT_FALSE(result.ran());
}

TEST_F(Sandbox, NetworkIsRefusedAndRecorded) {
  const SandboxResult result =
      run_in_sandbox(shell("for i in 1 2; do echo x > /dev/tcp/203.0.113.7/443; done; "
                           "echo x > /dev/udp/2001:db8::1/9; getent hosts example.org; exit 0"));
  ASSERT_TRUE(result.observed) << result.unobserved_reason;
  EXPECT_EQ(count(result, "network", "connect to 203.0.113.7 port 443"), 2);
  EXPECT_EQ(count(result, "network", "connect to 2001:db8::1 port 9"), 1);
  EXPECT_GE(count(result, "network", "name lookup (DNS) at 127.0.0.1 port 53"), 1) << result.output;
  EXPECT_NE(result.output.find("Permission denied"), std::string::npos);
}

TEST_F(Sandbox, LoopbackAndLocalNamesAreHarmless) {
  const SandboxResult result = run_in_sandbox(shell("echo x > /dev/tcp/localhost/1234; exit 0"));
  EXPECT_NE(result.output.find("Connection refused"), std::string::npos) << result.output;
  ASSERT_EQ(result.attempts.size(), 1u);
  EXPECT_EQ(result.attempts[0].kind, "loopback");
  EXPECT_EQ(result.attempts[0].detail, "connect to 127.0.0.1 port 1234");
}

TEST_F(Sandbox, WithoutObservationTheNetworkIsStillUnreachable) {
  SandboxSpec spec = shell("echo x > /dev/tcp/203.0.113.7/443");
  spec.observe = false;
  const SandboxResult result = run_in_sandbox(spec);
  EXPECT_FALSE(result.observed);
  EXPECT_EQ(result.unobserved_reason, "not asked for");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.output.find("unreachable"), std::string::npos) << result.output;
}

TEST_F(Sandbox, OpeningWatchedPathsIsRecorded) {
  const fs::path kspace = make_folder("kspace");
  write_file(kspace / "brain_test1.h5", "k");
  SandboxSpec spec = shell(
      "cat /data/acc4/image/brain_test1.h5; cd /data/acc4/kspace; cat brain_test1.h5 "
      "../image/brain_test2.h5; "
      "ls /data/acc4/image/ ; cat /data/acc4/imageless; exit 0");
  spec.mounts = {{kspace, "/data/acc4/kspace"}};
  spec.watch_prefixes = {"/data/acc4/image"};
  const SandboxResult result = run_in_sandbox(spec);
  ASSERT_TRUE(result.observed) << result.unobserved_reason;
  EXPECT_EQ(result.attempts.size(), 2u);
  EXPECT_EQ(count(result, "open", "/data/acc4/image/brain_test1.h5"), 1);
  EXPECT_EQ(count(result, "open", "/data/acc4/image/brain_test2.h5"), 1);
  EXPECT_NE(result.output.find("brain_test1.h5: No such file"), std::string::npos) << result.output;
}

TEST_F(Sandbox, OpeningToWriteIsRecordedWhereItIsAskedFor) {
  const fs::path input = make_folder("input");
  write_file(input / "file", "contents");
  SandboxSpec spec = shell(
      "cat /in/file; echo x > /in/file; echo x >> /in/new; : <> /in/file; echo x > "
      "/proc/sys/vm/swappiness;"
      "echo x > /tmp/mine; ls /in; exit 0");
  spec.mounts = {{input, "/in"}};
  spec.write_prefixes = {"/in", "/proc/sys"};
  const SandboxResult result = run_in_sandbox(spec);
  ASSERT_TRUE(result.observed) << result.unobserved_reason;
  EXPECT_EQ(result.attempts.size(), 3u);
  EXPECT_EQ(count(result, "write", "/in/file"), 2);
  EXPECT_EQ(count(result, "write", "/in/new"), 1);
  EXPECT_EQ(count(result, "write", "/proc/sys/vm/swappiness"), 1);
}

TEST_F(Sandbox, RecordsAreBounded) {
  SandboxSpec spec =
      shell("for ((i = 0; i < 10100; ++i)); do : < /w/$i; done 2> /dev/null; exit 0");
  spec.watch_prefixes = {"/w"};
  EXPECT_EQ(run_in_sandbox(spec).attempts.size(), 10'000u);
}

TEST_F(Sandbox, InputsAreReadOnlyAndReadable) {
  const fs::path input = make_folder("input");
  write_file(input / "file", "contents");
  SandboxSpec spec = shell(
      "cat /in/file; echo x > /in/file; echo x > /in/new; rm -f /in/file; chmod 777 /in; exit 0");
  spec.mounts = {{input, "/in"}};
  const SandboxResult result = run_in_sandbox(spec);
  EXPECT_TRUE(result.output.starts_with("contents")) << result.output;
  EXPECT_EQ(read_file(input / "file"), "contents");
  EXPECT_FALSE(fs::exists(input / "new"));
}

TEST_F(Sandbox, InputsOfAStrictUmaskAreReadable) {
  const fs::path input = make_folder("input/private");
  write_file(input / "file", "contents");
  ::chmod((input / "file").c_str(), 0600);
  ::chmod(input.c_str(), 0700);
  ::chmod(input.parent_path().c_str(), 0700);
  SandboxSpec spec =
      shell("cat /in/private/file /one; echo x > /in/private/file; chmod 0666 /one; exit 0");
  spec.mounts = {{input.parent_path(), "/in"}, {input / "file", "/one"}};
  const SandboxResult result = run_in_sandbox(spec);
  EXPECT_TRUE(result.output.starts_with("contentscontents")) << result.output;
  EXPECT_EQ(read_file(input / "file"), "contents");
  struct stat status {};
  ASSERT_EQ(::stat((input / "file").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(Sandbox, OutputsComeOutAndBelongToUs) {
  const fs::path output = make_folder("output");
  SandboxSpec spec =
      shell("mkdir /out/acc4; echo 1 > /out/acc4/a.h5; ln -s /etc/shadow /out/link; id -u");
  spec.mounts = {{output, "/out", true}};
  const SandboxResult result = run_in_sandbox(spec);
  EXPECT_TRUE(result.ok()) << result.output << result.refused_reason;
  EXPECT_EQ(result.output, "1000\n");
  EXPECT_EQ(read_file(output / "acc4/a.h5"), "1\n");
  for (const char* name : {"", "acc4", "acc4/a.h5", "link"}) {
    struct stat status {};
    ASSERT_EQ(::lstat((output / name).c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, ::geteuid()) << name;
  }
  struct stat shadow {};
  ASSERT_EQ(::stat("/etc/shadow", &shadow), 0);
  EXPECT_EQ(shadow.st_uid, 0u);  // the planted link was not followed
}

TEST_F(Sandbox, OnlyEmptyFoldersAreWritable) {
  const fs::path output = make_folder("output");
  write_file(output / "precious", "");
  SandboxSpec spec = shell("true");
  spec.mounts = {{output, "/out", true}};
  EXPECT_THROW(run_in_sandbox(spec), Error);
  spec.mounts = {{folder_.path() / "absent", "/in"}};
  EXPECT_THROW(run_in_sandbox(spec), Error);
}

TEST_F(Sandbox, NothingIsInherited) {
  ::setenv("RECONPROOF_SECRET", "leak", 1);
  const int leaky = ::open("/etc/passwd", O_RDONLY);  // not close-on-exec, on purpose
  SandboxSpec spec = shell("env; ls /proc/self/fd | tr '\\n' ' '; ls -l /proc/1/fd");
  const SandboxResult result = run_in_sandbox(spec);
  EXPECT_EQ(result.output.find("leak"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("0 1 2 3 "), std::string::npos) << result.output;
  EXPECT_EQ(result.output.find("3 4"), std::string::npos) << result.output;
  EXPECT_EQ(result.output.find("socket:"), std::string::npos) << result.output;
  EXPECT_EQ(result.output.find("passwd"), std::string::npos) << result.output;
  ::close(leaky);
}

TEST_F(Sandbox, DescriptorsArePassedUnderTheirNumbers) {
  int first[2], second[2];
  ASSERT_EQ(::pipe2(first, O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(second, O_CLOEXEC), 0);
  SandboxSpec spec =
      shell("echo one >&4; echo two >&3; ls /proc/self/fd | tr '\\n' ' '; ulimit -n");
  spec.descriptors = {{first[1], 4}, {second[1], 3}};
  spec.limits.open_files = 64;
  const SandboxResult result = run_in_sandbox(spec);
  EXPECT_EQ(result.output, "0 1 2 3 4 5 64\n");
  for (const auto& [pipe, expected] : {std::pair{first, "one\n"}, {second, "two\n"}}) {
    char text[8] = {};
    EXPECT_EQ(::read(pipe[0], text, sizeof text), 4);
    EXPECT_STREQ(text, expected);
    ::close(pipe[0]);
    ::close(pipe[1]);
  }
  spec.descriptors = {{0, 64}};
  EXPECT_THROW(run_in_sandbox(spec), Error);
}

TEST_F(Sandbox, TheHostIsNotVisible) {
  const SandboxResult result = run_in_sandbox(
      shell("for p in /root /home /etc/shadow /etc/hostname /var /sys " + folder_.path().string() +
            "; do [ -e $p ] && echo $p; done; hostname; ps -e 2>/dev/null | wc -l; exit 0"));
  EXPECT_TRUE(result.output.starts_with("sandbox\n")) << result.output;
}

TEST_F(Sandbox, SystemFilesCannotBeWritten) {
  const SandboxResult result =
      run_in_sandbox(shell("for p in /proc/sys/kernel/core_pattern /proc/sys/kernel/hostname "
                           "/usr/x /etc/x /x /dev/x /run/x; do "
                           "(echo x > $p) 2> /dev/null && echo $p; done; unshare -Ur true 2> "
                           "/dev/null || echo refused; echo done"));
  EXPECT_EQ(result.output, "refused\ndone\n");
}

TEST_F(Sandbox, TemporarySpaceIsBounded) {
  SandboxSpec spec = shell(
      "head -c 3000000 /dev/zero > /tmp/a && echo tmp; head -c 3000000 /dev/zero > /dev/shm/a && "
      "echo shm; "
      "head -c 500000 /dev/zero > /tmp/b; ls -l /tmp/a /dev/shm/a | tr -s ' ' | cut -d' ' -f5");
  spec.tmp_bytes = 1 << 20;
  spec.shm_bytes = 2 << 20;
  const SandboxResult result = run_in_sandbox(spec);
  EXPECT_EQ(result.output.find("tmp\n"), std::string::npos) << result.output;
  EXPECT_EQ(result.output.find("shm\n"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("1048576"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("2097152"), std::string::npos) << result.output;
}

TEST_F(Sandbox, LimitsHold) {
  const fs::path output = make_folder("output");
  SandboxSpec spec = shell(
      "ulimit -c; ulimit -n; ulimit -u; head -c 3000000 /dev/zero > /out/a; "
      "ls -l /out/a | tr -s ' ' | cut -d' ' -f5");
  spec.mounts = {{output, "/out", true}};
  spec.limits.open_files = 64;
  spec.limits.processes = 50;
  spec.limits.file_bytes = 1 << 20;
  const SandboxResult result = run_in_sandbox(spec);
  EXPECT_TRUE(result.output.starts_with("0\n64\n52\n")) << result.output;
  EXPECT_TRUE(result.output.ends_with("1048576\n")) << result.output;
}

TEST_F(Sandbox, ProcessesAreBounded) {
  SandboxSpec spec = shell("");
  spec.argv = {"sh", "-c",
               "for i in $(seq 60); do sleep 5 & done; echo all"};  // bash would try again for long
  spec.limits.processes = 30;
  const SandboxResult result = run_in_sandbox(spec);
  EXPECT_NE(result.output.find("Cannot fork"), std::string::npos) << result.output;
  EXPECT_FALSE(result.ok());
  // A sample may come too late to see that.
  if (result.limits_by.starts_with("cgroup")) {
    EXPECT_EQ(result.stopped, "started more processes and threads than the limit of 30");
  }
}

TEST_F(Sandbox, MemoryAndOutputsAreWatched) {
  SandboxSpec spec = shell("dd if=/dev/zero of=/dev/null bs=300M count=1000");
  spec.limits.memory_bytes = int64_t{100} << 20;
  SandboxResult result = run_in_sandbox(spec);
  EXPECT_EQ(result.stopped, "used more memory than the limit of 104857600 bytes");
  EXPECT_FALSE(result.ok());
  spec = shell("head -c 5000000 /dev/zero > /out/a; sleep 20");
  spec.mounts = {{make_folder("output"), "/out", true}};
  spec.limits.output_bytes = 1'000'000;
  result = run_in_sandbox(spec);
  EXPECT_NE(result.stopped.find("bytes of outputs"), std::string::npos) << result.stopped;
}

TEST_F(Sandbox, TimeoutKillsTheTree) {
  SandboxSpec spec = shell("trap '' TERM INT; (setsid sleep 4711.25 &); sleep 4711.25");
  spec.timeout_s = 0.5;
  const double start = monotonic_seconds();
  const SandboxResult result = run_in_sandbox(spec);
  EXPECT_TRUE(result.timed_out);
  EXPECT_FALSE(result.ok());
  EXPECT_LT(monotonic_seconds() - start, 5);
}

bool runs(const std::string& argument) {
  for (const fs::path& entry : sorted_entries("/proc")) {
    std::ifstream stream(entry / "cmdline");
    const std::string line((std::istreambuf_iterator<char>(stream)), {});
    if (line.find(argument) != std::string::npos) return true;
  }
  return false;
}

TEST_F(Sandbox, DaemonsDoNotOutliveTheRun) {
  const std::string seconds = fmt::format("47110.{}", ::getpid());
  const SandboxResult result = run_in_sandbox(
      shell("(setsid sh -c 'sleep " + seconds + " & sleep " + seconds + "' &) ; sleep 0.2"));
  EXPECT_EQ(result.exit_code, 0);
  bool found = true;
  for (int i = 0; i < 100 && (found = runs(seconds)); ++i) ::usleep(20'000);
  EXPECT_FALSE(found);
}

TEST_F(Sandbox, MeasuresTheTree) {
  const SandboxResult result =
      run_in_sandbox(shell("dd if=/dev/zero of=/dev/null bs=200M count=3 2>&1; sleep 0.2"));
  EXPECT_GE(result.wall_s, 0.2);
  EXPECT_LT(result.wall_s, 5);
  EXPECT_GT(result.peak_rss_bytes, int64_t{200} << 20);
  EXPECT_LT(result.peak_rss_bytes, int64_t{260} << 20);
  EXPECT_GT(result.cpu_s, 0.01);
}

TEST(SandboxRefusal, AMissingBwrapIsSaid) {
  set_sandbox_helper_program(RECONPROOF_SANDBOX_HELPER);
  const SandboxSupport& support = probe_sandbox("no-such-bwrap");
  EXPECT_FALSE(support.available);
  EXPECT_NE(support.refused_reason.find("not installed: apt-get install bubblewrap"),
            std::string::npos);
}

// Where namespaces really are forbidden, our own staging fails before bwrap is asked.
TEST_F(Sandbox, ForbiddenNamespacesAreSaid) {
  const TemporaryFolder folder;
  ::chmod(folder.path().c_str(), 0755);
  const fs::path fake = folder.path() / "bwrap";
  write_file(fake, "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n");
  ::chmod(fake.c_str(), 0755);
  const SandboxSupport& support = probe_sandbox(fake.string());
  EXPECT_FALSE(support.available);
  EXPECT_NE(support.refused_reason.find("namespaces are not permitted"), std::string::npos)
      << support.refused_reason;
  EXPECT_NE(support.refused_reason.find("No permissions to create"), std::string::npos)
      << support.refused_reason;
}

}  // namespace
}  // namespace reconproof::system
