// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "checks/measure/python_folder.h"
#include "checks/measure/team_tree.h"
#include "checks/measure/whole_run.h"
#include "system/error.h"
#include "system/files.h"
#include "system/process.h"
#include "tests/system/gpu_support.h"
#include "tests/system/sandbox_support.h"

namespace reconproof::checks {
namespace {

namespace fs = std::filesystem;
using system::read_file;
using system::write_file;

/// A team's folder beside its result and data folders, all below one that is 0700.
class TeamFolder {
 public:
  TeamFolder() {
    system::set_sandbox_helper_program(RECONPROOF_SANDBOX_HELPER);
    write_file(code() / "net.txt", "network");
    write_file(code() / "sub/part.txt", "part");
    write_file(code() / ".git/config", "git");
    write_file(code() / ".reconproof/runs.sqlite", "history");
    write_file(root() / "result/net/checkpoints/best_model.pt", "weights");
    write_file(root() / "result/net/reconstructions_leaderboard/acc4/old.h5", "old");
    for (const char* cell : {"acc4", "acc8"}) {
      write_file(root() / "data/leaderboard" / cell / "kspace/brain_test1.h5",
                 std::string("kspace ") + cell);
      write_file(root() / "data/leaderboard" / cell / "image/brain_test1.h5", "label");
    }
    write_file(root() / "data/train/kspace/brain1.h5", "train");
    project.root = code();
    project.leaderboard = "../data/leaderboard";
    project.train = "../data/train";
    step().weights = "../result/net/checkpoints/best_model.pt";
    step().outputs = "../result/net/reconstructions_leaderboard";
    options.data = root() / "data/leaderboard";
    options.recon_folder = code() / ".reconproof/check/recon";
    options.timeout_s = 30;
  }

  fs::path root() const { return folder_.path() / "home"; }
  fs::path code() const { return root() / "code"; }
  submission::Step& step() {
    if (!project.reconstruct_step) project.reconstruct_step.emplace();
    return *project.reconstruct_step;
  }
  WholeRunResult run(const std::string& script) {
    step().command = {"bash", "-c", script};
    return whole_run(project, challenge::find_edition("snu-2025"), options);
  }

  submission::Project project;
  WholeRunOptions options;

 private:
  system::TemporaryFolder folder_;
};

constexpr const char* kReconstruct =
    "set -e; pwd; out=../result/net/reconstructions_leaderboard; cat net.txt sub/part.txt; "
    "cat ../result/net/checkpoints/best_model.pt; "
    "for c in acc4 acc8; do mkdir -p $out/$c; cp ../data/leaderboard/$c/kspace/*.h5 $out/$c/; done";

class WholeRun : public tests::SandboxTest {
 protected:
  TeamFolder team_;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(WholeRun, RunsTheCommandAndCollectsItsOutputs) {
  const WholeRunResult result = team_.run(kReconstruct);
  EXPECT_TRUE(result.ok()) << result.output_tail << result.not_run;
  EXPECT_TRUE(result.isolated) << result.refused_reason;
  EXPECT_TRUE(result.observed) << result.unobserved_reason;
  EXPECT_EQ(result.output_tail, "/team/code\nnetworkpartweights");
  EXPECT_EQ(result.recon_folder, team_.options.recon_folder);
  EXPECT_EQ(read_file(result.recon_folder / "acc4/brain_test1.h5"), "kspace acc4");
  EXPECT_EQ(read_file(result.recon_folder / "acc8/brain_test1.h5"), "kspace acc8");
  EXPECT_TRUE(result.attempts.empty());
  EXPECT_GT(result.wall_s, 0);
  // The team's own outputs stand as they were; the fresh ones replace those of the last check.
  EXPECT_EQ(read_file(team_.root() / "result/net/reconstructions_leaderboard/acc4/old.h5"), "old");
  EXPECT_TRUE(team_.run("true").ok());
  EXPECT_TRUE(system::sorted_entries(team_.options.recon_folder).empty());
  EXPECT_EQ(system::sorted_entries(team_.options.recon_folder.parent_path()).size(), 1u);
}

TEST_F(WholeRun, ShowsInputsUnderOtherNamesAndGivesTheOutputsTheirOwn) {
  team_.options.view = view_inputs(challenge::find_edition("snu-2025"), team_.options.data,
                                   {.names = true, .cells = true}, 7);
  const WholeRunResult result =
      team_.run(std::string("ls ../data/leaderboard/acc4/kspace; ") + kReconstruct);
  ASSERT_TRUE(result.ok()) << result.output_tail;
  EXPECT_TRUE(contains(result.output_tail, team_.options.view[1].shown_name));
  EXPECT_FALSE(contains(result.output_tail, "brain_test1"));
  for (const std::string cell : {"acc4", "acc8"})
    EXPECT_EQ(read_file(result.recon_folder / cell / "brain_test1.h5"), "kspace " + cell);
}

TEST_F(WholeRun, ShowsNothingElse) {
  const WholeRunResult result = team_.run(
      "ls -A /team/code /team /team/data /team/data/leaderboard/acc4 ../result/net "
      "../result/net/rec*; ls " +
      team_.root().string());
  EXPECT_TRUE(result.output_tail.starts_with(
      "../result/net:\ncheckpoints\nreconstructions_leaderboard\n\n"
      "../result/net/reconstructions_leaderboard:\n\n"
      "/team:\ncode\ndata\nresult\n\n/team/code:\nnet.txt\nsub\n\n"
      "/team/data:\nleaderboard\n\n/team/data/leaderboard/acc4:\nkspace\n"))
      << result.output_tail;
  EXPECT_TRUE(contains(result.output_tail, "cannot access")) << result.output_tail;
}

TEST_F(WholeRun, LabelsAreNotThereAndLookingIsRecorded) {
  const WholeRunResult result = team_.run("cat ../data/leaderboard/acc8/image/brain_test1.h5");
  EXPECT_EQ(result.exit_code, 1);
  ASSERT_EQ(result.attempts.size(), 1u);
  EXPECT_EQ(result.attempts[0].kind, "open");
  EXPECT_EQ(result.attempts[0].detail, "/team/data/leaderboard/acc8/image/brain_test1.h5");
}

TEST_F(WholeRun, LookingForLabelsAtTheirHostPathIsRecorded) {
  const std::string label =
      (resolved_path(team_.options.data) / "acc4/image/brain_test1.h5").string();
  const WholeRunResult result = team_.run("cat " + label);
  ASSERT_EQ(result.attempts.size(), 1u);
  EXPECT_EQ(result.attempts[0].detail, label);
}

TEST_F(WholeRun, InputsCannotBeWritten) {
  const WholeRunResult result = team_.run(
      "for f in net.txt new ../result/net/checkpoints/best_model.pt "
      "../data/leaderboard/acc4/kspace/brain_test1.h5 "
      "../data/leaderboard/acc4/kspace/new; do (echo x > $f) 2> /dev/null && echo $f; done; exit "
      "0");
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.output_tail, "");
  EXPECT_EQ(read_file(team_.code() / "net.txt"), "network");
}

TEST_F(WholeRun, PlacesInsideTheProjectAreCovered) {
  write_file(team_.code() / "result/recon/acc4/old.h5", "old");
  write_file(team_.code() / "result/best.pt", "weights inside");
  write_file(team_.code() / "result/log.txt", "log");
  fs::rename(team_.root() / "data", team_.code() / "data");
  team_.project.leaderboard = "data/leaderboard";
  team_.project.train = "data/train";
  team_.options.data = team_.code() / "data/leaderboard";
  team_.step().weights = "result/best.pt";
  team_.step().outputs = "result/recon";
  const WholeRunResult result = team_.run(
      "ls -A . result result/recon data data/leaderboard/acc4; cat result/best.pt; mkdir "
      "result/recon/acc4; "
      "cat data/leaderboard/acc4/kspace/brain_test1.h5 > result/recon/acc4/new.h5; cat "
      "../code/data/leaderboard/acc4/image/x");
  EXPECT_TRUE(result.output_tail.starts_with(
      ".:\ndata\nnet.txt\nresult\nsub\n\ndata:\nleaderboard\n\ndata/leaderboard/acc4:\nkspace\n\n"
      "result:\nbest.pt\nlog.txt\nrecon\n\nresult/recon:\nweights inside"))
      << result.output_tail;
  EXPECT_EQ(read_file(result.recon_folder / "acc4/new.h5"), "kspace acc4");
  EXPECT_EQ(read_file(team_.code() / "result/recon/acc4/old.h5"), "old");
  EXPECT_EQ(result.attempts.size(), 1u);
}

TEST_F(WholeRun, AFreshCloneHasNoOutputsFolder) {
  team_.step().outputs = "out/deep/recon";
  const WholeRunResult result = team_.run("echo 1 > out/deep/recon/a");
  EXPECT_TRUE(result.ok()) << result.output_tail;
  EXPECT_EQ(read_file(result.recon_folder / "a"), "1\n");
  EXPECT_FALSE(fs::exists(team_.code() / "out"));
}

TEST_F(WholeRun, AbsolutePlacesAreThemselves) {
  team_.project.leaderboard = "/root/Data/leaderboard";
  team_.step().outputs = "/root/result/recon";
  const WholeRunResult result =
      team_.run("cp /root/Data/leaderboard/acc4/kspace/brain_test1.h5 /root/result/recon/");
  EXPECT_TRUE(result.ok()) << result.output_tail;
  EXPECT_EQ(read_file(result.recon_folder / "brain_test1.h5"), "kspace acc4");
}

TEST_F(WholeRun, LinksToOtherDisksAreFollowedOnlyWhereDeclared) {
  const fs::path disk = team_.root() / "disk";
  fs::create_directory(disk);
  fs::rename(team_.root() / "data/leaderboard/acc4/kspace/brain_test1.h5", disk / "k.h5");
  fs::create_symlink(disk / "k.h5", team_.root() / "data/leaderboard/acc4/kspace/brain_test1.h5");
  fs::rename(team_.root() / "result/net/checkpoints/best_model.pt", disk / "w.pt");
  fs::create_symlink(disk / "w.pt", team_.root() / "result/net/checkpoints/best_model.pt");
  fs::create_symlink(disk, team_.code() / "disk");
  fs::create_symlink("net.txt", team_.code() / "alias.txt");
  const WholeRunResult result = team_.run(
      "cat alias.txt ../data/leaderboard/acc4/kspace/brain_test1.h5 "
      "../result/net/checkpoints/best_model.pt; ls disk/");
  EXPECT_TRUE(result.output_tail.starts_with("networkkspace acc4weights")) << result.output_tail;
  EXPECT_TRUE(contains(result.output_tail, "cannot access 'disk/'")) << result.output_tail;
}

TEST_F(WholeRun, StrangeOutputsAreRemovedAndNamed) {
  const WholeRunResult result = team_.run(
      "cd ../result/net/reconstructions_leaderboard; mkdir -p acc4; ln -s /etc/passwd "
      "acc4/link.h5; mkfifo pipe; "
      "echo 1 > acc4/good.h5; chmod 0 acc4/good.h5; mkdir closed; echo 1 > closed/a.h5; chmod 0 "
      "closed");
  EXPECT_TRUE(result.ok()) << result.output_tail;
  std::vector<std::string> strange = result.strange_outputs;
  std::sort(strange.begin(), strange.end());
  EXPECT_EQ(strange, (std::vector<std::string>{"acc4/link.h5 (symbolic link)", "pipe (pipe)"}));
  EXPECT_EQ(read_file(result.recon_folder / "acc4/good.h5"), "1\n");
  EXPECT_EQ(read_file(result.recon_folder / "closed/a.h5"), "1\n");
  EXPECT_FALSE(fs::exists(fs::symlink_status(result.recon_folder / "acc4/link.h5")));
}

TEST_F(WholeRun, OurProgramsAreFirstInPathAndTheEnvironmentIsTheDeclared) {
  team_.step().env = {{"A", "step"}, {"B", "step"}};
  team_.options.env = {{"B", "harness"}};
  const WholeRunResult result =
      team_.run("command -v reconproof-launcher; echo $A $B ${HOME} ${OLDPWD-none}");
  EXPECT_EQ(result.output_tail, "/reconproof/bin/reconproof-launcher\nstep harness /tmp none\n");
}

TEST_F(WholeRun, NetworkTimeoutSignalAndMissingCommandAreTold) {
  WholeRunResult result = team_.run("echo > /dev/tcp/203.0.113.7/80");
  ASSERT_EQ(result.attempts.size(), 1u);
  EXPECT_EQ(result.attempts[0].kind, "network");
  result = team_.run("kill -SEGV $$");
  EXPECT_EQ(result.signal, SIGSEGV);
  team_.options.timeout_s = 0.3;
  result = team_.run("sleep 100");
  EXPECT_TRUE(result.timed_out);
  EXPECT_FALSE(result.ok());
  team_.step().command = {"no-such-python"};
  result = whole_run(team_.project, challenge::find_edition("snu-2025"), team_.options);
  EXPECT_TRUE(contains(result.not_run, "no-such-python: command not found inside the sandbox"))
      << result.not_run;
  EXPECT_FALSE(result.ok());
}

TEST_F(WholeRun, KeepsTheLastEightKibibytesOfOutput) {
  const WholeRunResult result = team_.run("yes | head -c 100000; echo end");
  EXPECT_EQ(result.output_tail.size(), 8192u);
  EXPECT_TRUE(result.output_tail.ends_with("end\n"));
}

// ---- what may not be declared; needs no sandbox ----

void expect_refused(TeamFolder& team, const std::string& part) {
  try {
    team.run("true");
    ADD_FAILURE() << "expected an error with: " << part;
  } catch (const system::Error& error) {
    EXPECT_EQ(error.code(), system::Code::kInvalidArgument);
    EXPECT_TRUE(contains(error.what(), part)) << error.what();
  }
}

TEST(WholeRunDeclaration, NothingThatShowsLabelsOrTrainingData) {
  for (const char* folder : {"../data", "../data/leaderboard/acc4/image", "../data/train", ".."}) {
    TeamFolder team;
    team.step().read_only = {folder};
    expect_refused(team, "would see labels or training data");
  }
  TeamFolder team;
  team.step().weights = "../data/leaderboard/acc4/image/brain_test1.h5";
  expect_refused(team, "weights names");
  fs::create_directory_symlink(team.root() / "data", team.root() / "innocent");
  team.step().weights = "../innocent/leaderboard";
  expect_refused(team, "weights names");
}

TEST(WholeRunDeclaration, NoEarlierOutputsAndNoPlacesOfTheSandbox) {
  TeamFolder team;
  team.step().read_only = {"../result"};
  expect_refused(team, "name only the folder that the command needs");
  for (const char* folder : {"", "/", "/root", "/etc/ssl", "/proc", "/run", "/dev/shm",
                             "../../../../../../run/reconproof"}) {
    team.step().read_only = {folder};
    expect_refused(team, "[steps.reconstruct] read_only");
  }
  team.step().read_only = {};
  team.step().outputs = "/usr/share/recon";
  expect_refused(team, "the sandbox's own");
  team.step().outputs = ".";
  expect_refused(team, "is the project itself");
  team.step().outputs = "../result/net";
  expect_refused(team, "the weights lie in the outputs folder");
  team.step().outputs = "../data/leaderboard/recon";
  expect_refused(team, "lie in each other");
  team.step().outputs = "";
  expect_refused(team, "outputs is missing");
  team.project.reconstruct_step.reset();
  EXPECT_THROW(whole_run(team.project, challenge::find_edition("snu-2025"), team.options),
               system::Error);
}

TEST(WholeRunDeclaration, MissingInputsAreNamed) {
  TeamFolder team;
  fs::remove_all(team.root() / "data/leaderboard/acc8/kspace");
  EXPECT_TRUE(contains(team.run("true").not_run, "acc8/kspace is not there"));
  fs::remove(team.root() / "result/net/checkpoints/best_model.pt");
  EXPECT_TRUE(contains(team.run("true").not_run, "best_model.pt is not there; train first"));
}

// ---- without a sandbox ----

constexpr const char* kOnTheGpu = "bash -c '(exec -a --fake-gpu-mib=900 sleep 0.3)'; true";

TEST_F(WholeRun, SamplesGpuMemory) {
  EXPECT_EQ(team_.run("true").gpu.reason, "the GPU was not looked at");
  const tests::WithVariable library("RECONPROOF_NVML_LIBRARY", RECONPROOF_FAKE_NVML);
  CheckedGpu gpu(nullptr);
  team_.options.gpu = &gpu;
  const WholeRunResult result = team_.run(kOnTheGpu);
  EXPECT_TRUE(result.isolated) << result.refused_reason;
  EXPECT_TRUE(result.gpu.measured) << result.gpu.reason;
  EXPECT_EQ(result.gpu.peak_tree_bytes, int64_t{900} << 20);
}

/// With the fake driver's libraries: a GPU of 16 GiB.
class GpuLimit : public WholeRun {
 protected:
  static constexpr int64_t kGib = int64_t{1} << 30;

  void SetUp() override {
    WholeRun::SetUp();
    rule_.limit = 7.45;
    rule_.limit_high = 7.92;
  }
  WholeRunResult run(CheckedGpu& gpu, const std::string& script) {
    team_.options.gpu = &gpu;
    return team_.run(script);
  }

  challenge::Rule rule_;

 private:
  system::TemporaryFolder state_;
  tests::WithVariable nvml_{"RECONPROOF_NVML_LIBRARY", RECONPROOF_FAKE_NVML};
  tests::WithVariable cuda_{"RECONPROOF_CUDA_LIBRARY", RECONPROOF_FAKE_CUDA};
  tests::WithVariable state_variable_{"FAKE_GPU_STATE", state_.path().string()};
};

TEST_F(GpuLimit, IsLeftByABallast) {
  CheckedGpu gpu(&rule_);
  const system::GpuUse use = run(gpu, kOnTheGpu).gpu;
  EXPECT_TRUE(use.measured) << use.reason;
  EXPECT_EQ(use.peak_bytes(), int64_t{900} << 20);
  EXPECT_EQ(use.unenforced_reason, "");
  EXPECT_NEAR(static_cast<double>(use.enforced_limit_bytes), 7.45 * kGib, 4 << 20);
  ASSERT_TRUE(gpu.leave_more());
  EXPECT_NEAR(static_cast<double>(run(gpu, kOnTheGpu).gpu.enforced_limit_bytes), 7.92 * kGib,
              4 << 20);
  EXPECT_FALSE(gpu.leave_more());
}

TEST_F(GpuLimit, SaysWhyItIsNotEnforced) {
  const auto reason = [&] {
    CheckedGpu gpu(&rule_);
    EXPECT_FALSE(gpu.leave_more());
    const system::GpuUse use = run(gpu, kOnTheGpu).gpu;
    EXPECT_EQ(use.enforced_limit_bytes, 0);
    return use.unenforced_reason;
  };
  {
    const tests::WithVariable small("FAKE_GPU_TOTAL_MIB", "8112");
    EXPECT_EQ(reason(), "Fake GPU 0 (7.9 GiB) has hardly more than the limit of 7.45 GiB");
  }
  {
    const tests::WithVariable two("FAKE_NVML_GPUS", "2");
    EXPECT_TRUE(contains(reason(), "this machine has 2 GPUs"));
  }
  {
    const tests::WithVariable init("FAKE_CUDA_INIT", "999");
    EXPECT_TRUE(contains(reason(), "the CUDA driver refuses to start: unknown error"));
  }
  {
    const tests::WithVariable none("RECONPROOF_NVML_LIBRARY", "/nowhere/nvml.so");
    EXPECT_TRUE(contains(reason(), "no NVIDIA driver"));
  }
  rule_.limit.reset();
  EXPECT_EQ(reason(), "no limit of GPU memory is judged");
}

TEST_F(GpuLimit, ABallastThatEndsSpoilsTheRun) {
  CheckedGpu gpu(&rule_);
  const std::unique_ptr<system::GpuMonitor> monitor = system::open_gpu_monitor();
  team_.options.on_output = [&](std::string_view) {
    for (const system::GpuProcess& process : monitor->read(0).processes)
      if (process.bytes > 7 * kGib) ::kill(process.pid, SIGKILL);
  };
  const system::GpuUse use = run(gpu, "echo now; " + std::string(kOnTheGpu)).gpu;
  EXPECT_TRUE(use.ballast_lost);
  EXPECT_FALSE(use.measured);
  EXPECT_TRUE(contains(use.reason, "ended before the run did")) << use.reason;
  team_.options.on_output = nullptr;
  EXPECT_EQ(run(gpu, kOnTheGpu).gpu.enforced_limit_bytes, 0);
}

// ---- what PyTorch says of its memory ----

/// A module `torch` that has used two GPUs; `code` is what the command does with it.
std::string with_torch(const std::string& code) {
  return "mkdir -p /tmp/lib/torch; echo 'from . import cuda' > /tmp/lib/torch/__init__.py\n"
         "cat > /tmp/lib/torch/cuda.py <<END\n"
         "is_initialized = lambda: True\n"
         "device_count = lambda: 2\n"
         "max_memory_allocated = lambda device: 100 + device\n"
         "max_memory_reserved = lambda device: 300 + device\n"
         "END\n"
         "PYTHONPATH=$PYTHONPATH:/tmp/lib python3 -c '" +
         code + "'";
}

class GpuReports : public GpuLimit {
 protected:
  void SetUp() override {
    GpuLimit::SetUp();
    ASSERT_FALSE(system::find_program("python3", "/usr/bin:/bin").empty()) << "no python3";
    team_.options.python_adapters = {reporter_.path()};
  }
  system::GpuUse use_of(const std::string& script) {
    CheckedGpu gpu(nullptr);
    const WholeRunResult result = run(gpu, script);
    EXPECT_TRUE(result.ok()) << result.output_tail;
    return result.gpu;
  }

 private:
  PythonFolder reporter_{kGpuReporter};
};

TEST_F(GpuReports, AreReadAfterTheRun) {
  const system::GpuUse use = use_of(with_torch("import torch"));
  EXPECT_EQ(use.child_peak_reserved_bytes, 601);
  EXPECT_EQ(use.child_peak_allocated_bytes, 201);
}

TEST_F(GpuReports, NeverImportTorchThemselves) {
  EXPECT_EQ(use_of(with_torch("import sys; sys.exit(\"torch\" in sys.modules)"))
                .child_peak_reserved_bytes,
            0);
}

TEST_F(GpuReports, DisturbNothingWhereTorchIsStrange) {
  EXPECT_EQ(use_of(with_torch("import torch; torch.cuda = None")).child_peak_reserved_bytes, 0);
  EXPECT_EQ(use_of(with_torch("import torch.cuda; torch.cuda.device_count = lambda: 1 / 0"))
                .child_peak_reserved_bytes,
            0);
}

TEST_F(GpuReports, NonsenseOfAStrangerIsPassedOver) {
  const system::GpuUse use = use_of(
      "cd $RECONPROOF_GPU_REPORT; echo nonsense > 1.json; echo '[5]' > 2.json; "
      "echo '{\"reserved_bytes\": -7}' > 3.json; echo '{\"reserved_bytes\": \"9\"}' > 4.json; "
      "ln -s /etc/passwd 5.json; mkfifo 6.json; head -c 100000 /dev/zero > 7.json; mkdir d; "
      "echo '{\"reserved_bytes\": 5, \"allocated_bytes\": 4}' > d/8.json");
  EXPECT_EQ(use.child_peak_reserved_bytes, 5);
  EXPECT_EQ(use.child_peak_allocated_bytes, 4);
}

TEST_F(GpuReports, PackagesOfPythonAreTold) {
  const WholeRunResult result = team_.run(
      "cd $RECONPROOF_GPU_REPORT; echo '{\"python\": \"3.11.2\", \"packages\": {\"torch\": "
      "\"2.3\", "
      "\"bad\": 5, \"worse\": \"a\\u001b[31m\"}}' > packages-1.json; "
      "echo '{\"packages\": {\"torch\": \"other\", \"h5py\": \"3.8\"}}' > packages-2.json; "
      "echo '{\"python\": 7, \"packages\": []}' > packages-3.json; "
      "head -c 400000 /dev/zero | tr '\\0' ' ' > packages-4.json");
  EXPECT_EQ(result.python.python, "3.11.2");
  EXPECT_EQ(result.python.packages,
            (std::map<std::string, std::string>{{"h5py", "3.8"}, {"torch", "2.3"}}));
}

TEST_F(GpuReports, PythonTellsWhatItLoadedWhoeverStandsBehind) {
  const PythonFolder packages{kPackageReporter};
  team_.options.python_adapters = {packages.path(), team_.options.python_adapters.at(0)};
  const WholeRunResult result = team_.run("/usr/bin/python3 -c 'import numpy'");
  EXPECT_TRUE(result.ok()) << result.output_tail;
  EXPECT_TRUE(result.python.python.starts_with("3.")) << result.python.python;
  EXPECT_TRUE(result.python.packages.contains("numpy"));
  EXPECT_FALSE(result.python.packages.contains("h5py"));
}

class WithoutSandbox : public testing::Test {
 protected:
  void SetUp() override { team_.options.bwrap = "no-such-bwrap"; }
  TeamFolder team_;
};

TEST_F(WithoutSandbox, EverythingElseIsMeasured) {
  const WholeRunResult result = team_.run(kReconstruct);
  EXPECT_TRUE(result.ok()) << result.output_tail << result.not_run;
  EXPECT_FALSE(result.isolated);
  EXPECT_FALSE(result.observed);
  EXPECT_TRUE(contains(result.refused_reason, "is not installed")) << result.refused_reason;
  EXPECT_TRUE(result.output_tail.ends_with("/team/code\nnetworkpartweights")) << result.output_tail;
  EXPECT_EQ(read_file(result.recon_folder / "acc4/brain_test1.h5"), "kspace acc4");
  EXPECT_EQ(read_file(team_.root() / "result/net/reconstructions_leaderboard/acc4/old.h5"), "old");
  EXPECT_GT(result.wall_s, 0);
}

TEST_F(WithoutSandbox, GpuMemoryToo) {
  const tests::WithVariable library("RECONPROOF_NVML_LIBRARY", RECONPROOF_FAKE_NVML);
  CheckedGpu gpu(nullptr);
  team_.options.gpu = &gpu;
  const WholeRunResult result = team_.run(kOnTheGpu);
  EXPECT_FALSE(result.isolated);
  EXPECT_TRUE(result.gpu.measured) << result.gpu.reason;
  EXPECT_EQ(result.gpu.peak_tree_bytes, int64_t{900} << 20);
}

TEST_F(WithoutSandbox, TheCommandsOwnAccountToo) {
  const tests::WithVariable library("RECONPROOF_NVML_LIBRARY", RECONPROOF_FAKE_NVML);
  CheckedGpu gpu(nullptr);
  team_.options.gpu = &gpu;
  EXPECT_EQ(team_.run("echo '{\"reserved_bytes\": 5}' > $RECONPROOF_GPU_REPORT/1.json")
                .gpu.child_peak_reserved_bytes,
            5);
}

TEST_F(WithoutSandbox, TheTeamsFilesAreNotTouched) {
  const WholeRunResult result = team_.run(
      "echo x > net.txt; echo x > sub/new; ls -A . ../result/net/rec* ../data/leaderboard/acc4; "
      "ln -s /etc/passwd ../result/net/reconstructions_leaderboard/link; exit 3");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.output_tail,
            ".:\nnet.txt\nsub\n\n../data/leaderboard/acc4:\nkspace\n\n"
            "../result/net/reconstructions_leaderboard:\n");
  EXPECT_EQ(read_file(team_.code() / "net.txt"), "network");
  EXPECT_FALSE(fs::exists(team_.code() / "sub/new"));
  EXPECT_EQ(result.strange_outputs, (std::vector<std::string>{"link (symbolic link)"}));
}

TEST_F(WithoutSandbox, TimeoutsAndSignalsAreTold) {
  WholeRunResult result = team_.run("kill -SEGV $$");
  EXPECT_EQ(result.signal, SIGSEGV);
  team_.options.timeout_s = 0.3;
  result = team_.run("sleep 100");
  EXPECT_TRUE(result.timed_out);
}

TEST_F(WithoutSandbox, SaysWhatItCannotLayOut) {
  team_.step().outputs = "/absolute/out";
  EXPECT_TRUE(contains(team_.run("true").not_run, "outputs go to the absolute path"));
  team_.step().outputs = "out";
  team_.project.leaderboard = "/absolute/data";
  EXPECT_TRUE(contains(team_.run("true").not_run, "without a sandbox it cannot be given"));
  team_.project.leaderboard = team_.options.data.string();
  EXPECT_TRUE(team_.run("true").ok());
  team_.project.leaderboard = "../../../../../../../../../data";
  EXPECT_TRUE(contains(team_.run("true").not_run, "leads too far up"));
}

TEST_F(WithoutSandbox, LargeFilesBecomeLinks) {
  write_file(team_.code() / "large.bin", "");
  fs::resize_file(team_.code() / "large.bin", uintmax_t{65} << 20);
  EXPECT_EQ(team_.run("stat -c %F large.bin; stat -Lc %s large.bin").output_tail,
            "symbolic link\n68157440\n");
}

TEST(TeamTree, PathsLoseTheirSlash) {
  EXPECT_EQ(without_slash("/a/b/"), "/a/b");
  EXPECT_EQ(without_slash("/"), "/");
}

}  // namespace
}  // namespace reconproof::checks
