// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/input_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "system/files.h"

namespace reconproof::checks {
namespace {

namespace fs = std::filesystem;
using system::read_file;
using system::write_file;

class InputViewTest : public testing::Test {
 protected:
  InputViewTest() {
    for (const char* cell : {"acc4", "acc8"}) {
      for (const char* name : {"brain_test1.h5", "knee_test1.h5"})
        write_file(data_ / cell / "kspace" / name, std::string(cell) + " " + name);
    }
  }

  std::vector<ShownVolume> view(const InputChange& change, uint64_t seed = 1) const {
    return view_inputs(edition_, data_, change, seed);
  }

  /// What a method writes that copies its inputs, names and all.
  void reconstruct(const std::vector<ShownVolume>& view) const {
    for (const ShownVolume& volume : view)
      write_file(recon_ / volume.shown_cell / volume.shown_name, read_file(volume.host));
  }

  void expect_restored() const {
    EXPECT_EQ(system::files_below(recon_).size(), 4U);
    for (const char* cell : {"acc4", "acc8"}) {
      for (const char* name : {"brain_test1.h5", "knee_test1.h5"})
        EXPECT_EQ(read_file(recon_ / cell / name), std::string(cell) + " " + name);
    }
  }

  const challenge::Edition& edition_ = challenge::find_edition("snu-2025");
  system::TemporaryFolder folder_;
  fs::path data_ = folder_.path() / "leaderboard", recon_ = folder_.path() / "recon";
};

TEST_F(InputViewTest, UnchangedIsItself) {
  for (const ShownVolume& volume : view({})) {
    EXPECT_EQ(volume.cell, volume.shown_cell);
    EXPECT_EQ(volume.name, volume.shown_name);
    EXPECT_EQ(read_file(volume.host), volume.cell + " " + volume.name);
  }
}

TEST_F(InputViewTest, RandomNamesSayNothingAndDiffer) {
  const std::vector<ShownVolume> renamed = view({.names = true});
  std::set<std::string> names;
  for (const ShownVolume& volume : renamed) {
    EXPECT_THAT(volume.shown_name, testing::MatchesRegex("[a-z]{12}\\.h5"));
    EXPECT_EQ(volume.cell, volume.shown_cell);
    names.insert(volume.shown_name);
  }
  EXPECT_EQ(names.size(), 4U);
  EXPECT_EQ(view({.names = true})[0].shown_name, renamed[0].shown_name);
  EXPECT_NE(view({.names = true}, 2)[0].shown_name, renamed[0].shown_name);
}

TEST_F(InputViewTest, NamesComeBack) {
  for (const InputChange& change :
       {InputChange{}, {.names = true}, {.cells = true}, {.names = true, .cells = true}}) {
    const std::vector<ShownVolume> changed = view(change);
    EXPECT_EQ(changed[0].shown_cell, change.cells ? "acc8" : "acc4");
    fs::remove_all(recon_);
    reconstruct(changed);
    restore_names(changed, recon_);
    expect_restored();
  }
}

TEST_F(InputViewTest, WhatIsMissingOrTooManyIsSeen) {
  const std::vector<ShownVolume> changed = view({.names = true});
  reconstruct(changed);
  fs::rename(recon_ / "acc4" / changed[0].shown_name, recon_ / "acc4" / changed[0].name);
  restore_names(changed, recon_);
  EXPECT_FALSE(fs::exists(recon_ / "acc4" / changed[0].name)) << "written under a remembered name";
  EXPECT_TRUE(fs::exists(recon_ / "acc4" / ("shown-" + changed[0].name)));
}

}  // namespace
}  // namespace reconproof::checks
