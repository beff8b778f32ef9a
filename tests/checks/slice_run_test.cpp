// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The slice contract with a real driver (Python, numpy, h5py), in the sandbox and without one.
#include "checks/measure/slice_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "challenge/dataset/folder.h"
#include "checks/determinism/compare.h"
#include "formats/hdf5.h"
#include "system/files.h"
#include "tests/system/sandbox_support.h"

namespace reconproof::checks {
namespace {

namespace fs = std::filesystem;
using Complex = std::complex<float>;
using testing::HasSubstr;
using testing::IsEmpty;

void write_kspace(const fs::path& path, int slices, float scale) {
  system::make_folders(path.parent_path());
  std::vector<Complex> kspace(static_cast<size_t>(slices) * 2 * 24 * 16);
  for (size_t i = 0; i < kspace.size(); ++i) {
    const float x = static_cast<float>(i * 2654435761u % 1000) * 1e-3f;
    kspace[i] = scale * Complex(x, 1 - x);
  }
  formats::Hdf5Writer writer(path);
  writer.write(challenge::kKspaceSet, {slices, 2, 24, 16}, std::span<const Complex>(kspace));
  const std::vector<float> mask(16, 1);
  writer.write(challenge::kMaskSet, {16}, std::span<const float>(mask));
  writer.commit();
}

class SliceRunTest : public tests::SandboxTest {
 protected:
  SliceRunTest() {
    system::set_sandbox_helper_program(RECONPROOF_SANDBOX_HELPER);
    const fs::path team = RECONPROOF_SLICE_TEAM, code = root() / "code";
    system::make_folders(code);
    for (const char* name : {"recon_eval.py", "method.py"}) fs::copy_file(team / name, code / name);
    system::make_folders(root() / "result/net/checkpoints");
    system::write_file(root() / "result/net/checkpoints/best_model.pt", "weights");
    float scale = 1;
    for (const char* cell : {"acc4", "acc8"}) {
      for (const char* name : {"knee_test1.h5", "knee_test2.h5"})
        write_kspace(root() / "data" / cell / "kspace" / name, 3, scale += 0.5f);
    }
    project_.root = code;
    project_.leaderboard = "../data";
    submission::Step& step = project_.reconstruct_step.emplace();
    step.command = {"/usr/bin/python3", "recon_eval.py", "-n", "net"};
    step.contract = "slice";
    step.weights = "../result/net/checkpoints/best_model.pt";
    step.outputs = "../result/net/recon";
    options_.data = root() / "data";
    options_.timeout_s = 60;
  }

  fs::path root() const { return folder_.path(); }
  SliceRun run(SliceMode mode, const std::string& name) {
    options_.recon_folder = root() / name;
    return slice_run(project_, challenge::find_edition("snu-2026"), options_, mode);
  }
  void expect_equal(const std::string& a, const std::string& b) {
    const Comparison comparison =
        compare_reconstructions(challenge::find_edition("snu-2026"), root() / a, root() / b);
    EXPECT_EQ(comparison.volumes, 4);
    EXPECT_THAT(comparison.differences, IsEmpty());
  }

  system::TemporaryFolder folder_;
  submission::Project project_;
  WholeRunOptions options_;
};

TEST_F(SliceRunTest, BothWaysGiveTheSameImages) {
  const SliceRun official = run(SliceMode::kOfficial, "official");
  ASSERT_TRUE(official.run.ok()) << official.run.stopped << official.run.output_tail;
  EXPECT_TRUE(official.run.isolated);
  EXPECT_EQ(official.held_by, "");
  ASSERT_EQ(official.volumes.size(), 4u);
  EXPECT_EQ(official.volumes[0].cell + "/" + official.volumes[0].name, "acc4/knee_test1.h5");
  EXPECT_EQ(official.volumes[3].cell + "/" + official.volumes[3].name, "acc8/knee_test2.h5");

  const SliceRun hardened = run(SliceMode::kHardened, "hardened");
  ASSERT_TRUE(hardened.run.ok()) << hardened.run.stopped << hardened.run.output_tail;
  EXPECT_NE(hardened.held_by, "");
  ASSERT_EQ(hardened.volumes.size(), 4u);
  for (const VolumeTimes& volume : hardened.volumes) {
    EXPECT_EQ(volume.slice_s.size(), 3u);
    EXPECT_TRUE(std::ranges::all_of(volume.slice_s, [](double s) { return s > 0 && s < 10; }));
    EXPECT_EQ(volume.altered, 1);
    EXPECT_FALSE(volume.computed_before);
    EXPECT_EQ(volume.bytes, 3 * 2 * 24 * 16 * 8);
  }
  expect_equal("official", "hardened");
  for (const char* name : {"official-scratch", "hardened-scratch"})
    EXPECT_FALSE(fs::exists(root() / name));
}

TEST_F(SliceRunTest, RenamedAndExchangedVolumesKeepTheirPlace) {
  ASSERT_TRUE(run(SliceMode::kOfficial, "plain").run.ok());
  const challenge::Edition& edition = challenge::find_edition("snu-2026");
  options_.view = view_inputs(edition, options_.data, {.names = true, .cells = true}, 5);
  const SliceRun renamed = run(SliceMode::kOfficial, "renamed");
  ASSERT_TRUE(renamed.run.ok()) << renamed.run.stopped << renamed.run.output_tail;
  expect_equal("plain", "renamed");
}

TEST_F(SliceRunTest, RunsWithoutASandbox) {
  options_.bwrap = "no-such-bwrap";
  for (const auto mode : {SliceMode::kOfficial, SliceMode::kHardened}) {
    const std::string name = mode == SliceMode::kOfficial ? "official" : "hardened";
    const SliceRun bare = run(mode, name);
    ASSERT_TRUE(bare.run.ok()) << bare.run.stopped << bare.run.not_run << bare.run.output_tail;
    EXPECT_FALSE(bare.run.isolated);
    EXPECT_EQ(bare.volumes.size(), 4u);
  }
  expect_equal("official", "hardened");
}

TEST_F(SliceRunTest, AFaultOfTheTeamsCodeIsItsOwnWords) {
  system::write_file(project_.root / "method.py",
                     "from pathlib import Path\ndef load_model(args, device):\n"
                     "  raise SystemExit('no weights for ' + str(args.net_name))\n"
                     "prep_volume = recon_slice = None\n");
  const SliceRun failed = run(SliceMode::kOfficial, "official");
  EXPECT_FALSE(failed.run.ok());
  EXPECT_EQ(failed.run.exit_code, 1);
  EXPECT_THAT(failed.run.output_tail, HasSubstr("no weights for net"));
  EXPECT_THAT(failed.run.output_tail, HasSubstr("load_model: the command ended without an answer"));
}

TEST_F(SliceRunTest, ATimeoutEndsTheConversation) {
  system::write_file(project_.root / "method.py",
                     "import time\ndef load_model(args, device):\n  time.sleep(600)\n"
                     "prep_volume = recon_slice = None\n");
  options_.timeout_s = 1.5;
  const SliceRun slow = run(SliceMode::kHardened, "hardened");
  EXPECT_TRUE(slow.run.timed_out);
  EXPECT_EQ(slow.run.stopped, "");
}

}  // namespace
}  // namespace reconproof::checks
