// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/npy.h"
#include "system/error.h"
#include "system/files.h"
#include "workflows/rehearse/failure.h"
#include "workflows/rehearse/log.h"
#include "workflows/rehearse/place.h"

namespace reconproof::workflows {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FailureTest : public ::testing::Test {
 protected:
  FailureTest() {
    context_.team = folder_.path() / "team";
    context_.clone = folder_.path() / "clone";
    context_.weights = "../result/test_Varnet/checkpoints/best_model.pt";
    context_.leaderboard = "/root/Data/leaderboard";
    context_.requirements = {"torch", "opencv-python"};
    put("team/utils/new.py", "");
    put("clone/x.py", "import os\n\nn = os.environ['CASCADES']\nn = table['CASCADES']\n");
  }
  void put(const std::string& name, const std::string& text) {
    system::make_folders((folder_.path() / name).parent_path());
    system::write_file(folder_.path() / name, text);
  }
  /// Of a command that ended with this exception in line 3 of x.py.
  RehearsalFault after(const std::string& error, int line = 3) {
    checks::WholeRunResult run;
    run.exit_code = 1;
    run.output_tail =
        "loading\nTraceback (most recent call last):\n  File \"/team/code/x.py\", line " +
        std::to_string(line) +
        ", in <module>\n    code\n  File \"/usr/lib/python3/y.py\", line 7, in f\n" + error + "\n";
    return explain_failure(run, context_);
  }

  system::TemporaryFolder folder_;
  FailureContext context_;
};

TEST_F(FailureTest, NamesWhatIsNotCommitted) {
  const RehearsalFault module = after("ModuleNotFoundError: No module named 'utils.new'");
  EXPECT_EQ(module.kind, "uncommitted-file");
  EXPECT_EQ(module.where, "x.py:3");
  EXPECT_THAT(module.message, HasSubstr("utils/new.py"));
  EXPECT_EQ(after("FileNotFoundError: [Errno 2] No such file or directory: 'utils/new.py'").kind,
            "uncommitted-file");
  EXPECT_EQ(after("FileNotFoundError: [Errno 2] No such file or directory: 'utils/old.py'").kind,
            "failed");
}

TEST_F(FailureTest, NamesTheRequirement) {
  const RehearsalFault fault = after("ModuleNotFoundError: No module named 'skimage.metrics'");
  EXPECT_EQ(fault.kind, "missing-requirement");
  EXPECT_EQ(fault.gravity, Gravity::kBroken);
  EXPECT_THAT(fault.remedy, HasSubstr("scikit-image"));
  // It is asked for, and the interpreter that was given lacks it.
  EXPECT_EQ(after("ModuleNotFoundError: No module named 'cv2'").gravity, Gravity::kInconclusive);
}

TEST_F(FailureTest, NamesThePath) {
  const char* open = "FileNotFoundError: [Errno 2] No such file or directory: ";
  const RehearsalFault name =
      after(open + std::string("'../result/test_varnet/checkpoints/best_model.pt'"));
  EXPECT_EQ(name.kind, "weight-name");
  EXPECT_THAT(name.message, HasSubstr("test_Varnet"));
  EXPECT_EQ(after(open + std::string("'/home/kim/sens_maps.npy'")).kind, "absolute-path");
  EXPECT_EQ(after(open + std::string("'/root/Data/leaderboard/acc4/kspace'")).kind, "leaderboard");
  context_.leaderboard = "";  // of a reconstruction
  EXPECT_EQ(after("FileNotFoundError: [Errno 2] Unable to open file (unable to open file: name = "
                  "'/home/kim/a.h5', errno = 2)")
                .kind,
            "absolute-path");
}

TEST_F(FailureTest, NamesWeightsAndSettings) {
  EXPECT_EQ(
      after("RuntimeError: Error(s) in loading state_dict for VarNet:\n\tsize mismatch for a").kind,
      "weights-of-another-network");
  const RehearsalFault setting = after("KeyError: 'CASCADES'");
  EXPECT_EQ(setting.kind, "hidden-setting");
  EXPECT_EQ(setting.where, "x.py:3");
  EXPECT_EQ(after("KeyError: 'CASCADES'", 4).kind, "failed");
}

TEST_F(FailureTest, WhatAnotherMachineCouldDoIsOpen) {
  EXPECT_EQ(after("RuntimeError: Found no NVIDIA driver on your system").gravity,
            Gravity::kInconclusive);
  context_.has_gpu = true;
  EXPECT_EQ(after("RuntimeError: CUDA error").gravity, Gravity::kBroken);
  checks::WholeRunResult run;
  run.timed_out = true;
  EXPECT_EQ(explain_failure(run, context_).gravity, Gravity::kInconclusive);
  run = {};
  run.exit_code = 2;
  run.output_tail = "usage: train.py [-h]\ntrain.py: error: unrecognized arguments: --casade 2\n";
  EXPECT_THAT(explain_failure(run, context_).message,
              HasSubstr("unrecognized arguments: --casade"));
}

TEST(RehearseLog, HoldsTheStoredEpochAgainstTheLog) {
  // As the official trainer writes it: from 0, and stores epoch + 1.
  const std::vector<LoggedEpoch> log = {{0, 1, 0.5}, {1, 2, 0.2}, {2, 3, 0.3}};
  EXPECT_FALSE(hold_log_against(2, log, "log"));
  EXPECT_FALSE(hold_log_against(3, log, "log"));  // weights of the last epoch
  const auto one = hold_log_against(4, log, "log");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->kind, "log-of-another-training");
  const std::vector<LoggedEpoch> shorter = {{0, 1, 0.5}, {1, 2, 0.2}};
  const auto off = hold_log_against(3, shorter, "log");
  ASSERT_TRUE(off);
  EXPECT_EQ(off->kind, "epoch-off-by-one");
  EXPECT_EQ(off->gravity, Gravity::kBroken);
  const std::vector<LoggedEpoch> from_one = {{1, 1, 0.5}, {2, 2, 0.2}, {3, 3, 0.3}};
  const auto numbered = hold_log_against(2, from_one, "log");
  ASSERT_TRUE(numbered);
  EXPECT_EQ(numbered->kind, "epoch-off-by-one");
  EXPECT_EQ(numbered->gravity, Gravity::kWarning);
  EXPECT_FALSE(hold_log_against(2, {}, "log"));
}

TEST(RehearseLog, ReadsBothKinds) {
  const system::TemporaryFolder folder;
  const std::vector<double> rows = {0, 0.5, 1, NAN, 2, 0.25};
  formats::write_npy(folder.path() / "val_loss_log.npy", {3, 2}, std::span<const double>(rows));
  const std::vector<LoggedEpoch> npy = read_val_loss_log(folder.path() / "val_loss_log.npy");
  ASSERT_EQ(npy.size(), 2u);
  EXPECT_EQ(npy[1].epoch, 2);
  EXPECT_EQ(npy[1].ordinal, 3);
  formats::write_npy(folder.path() / "other.npy", {6}, std::span<const double>(rows));
  EXPECT_THROW(read_val_loss_log(folder.path() / "other.npy"), system::Error);
  system::write_file(
      folder.path() / "train.log",
      "Epoch = [  0/  2] Iter = [   0/ 100] Loss = 0.4123 Time = 0.5210s\n"
      "Epoch = [   0/   2] TrainLoss = 0.1613 ValLoss = 0.06217 TrainTime = 52.0871s "
      "ValTime = 4.1042s\n"
      "Epoch = [   1/   2] TrainLoss = 0.1413 ValLoss = 0.05217 TrainTime = 52.0871s "
      "ValTime = 4.1042s\n");
  const std::vector<LoggedEpoch> text = read_text_log(folder.path() / "train.log");
  ASSERT_EQ(text.size(), 2u);
  EXPECT_EQ(text[1].epoch, 1);
  EXPECT_DOUBLE_EQ(text[1].val_loss, 0.05217);
}

TEST(RehearsePlace, DataGoElsewhere) {
  const auto moved = [](std::vector<std::string> words) {
    return with_data_at(words, "/root/Data/train", "/new/train");
  };
  EXPECT_THAT(moved({"python3", "train.py", "-t", "/root/Data/train/"}),
              ElementsAre("python3", "train.py", "-t", "/new/train/"));
  EXPECT_THAT(moved({"x", "--data=/root/Data/train"}), ElementsAre("x", "--data=/new/train"));
  EXPECT_THAT(moved({"x", "/root/Data/train/kspace"}), ElementsAre("x", "/new/train/kspace"));
  EXPECT_THAT(moved({"x", "/root/Data/training"}), ElementsAre("x", "/root/Data/training"));
}

}  // namespace
}  // namespace reconproof::workflows
