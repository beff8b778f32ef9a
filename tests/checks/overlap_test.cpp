// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/data/overlap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "challenge/dataset/folder.h"
#include "checks/determinism/compare.h"
#include "formats/hdf5.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::checks {
namespace {

namespace fs = std::filesystem;
using challenge::find_edition;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class OverlapTest : public testing::Test {
 protected:
  using Volume = std::vector<std::complex<float>>;
  static constexpr int64_t kSlices = 2, kCoils = 3, kHeight = 8, kWidth = 12;

  static Volume random_kspace(unsigned seed) {
    std::mt19937 random(seed);
    Volume values(kSlices * kCoils * kHeight * kWidth);
    for (auto& v : values)
      v = {static_cast<float>(random() % 1000) - 500, static_cast<float>(random() % 1000)};
    return values;
  }
  void write(const fs::path& path, const Volume& kspace) const {
    formats::Hdf5Writer writer(path);
    writer.write("kspace", {kSlices, kCoils, kHeight, kWidth}, kspace);
    writer.commit();
  }
  static Volume masked(Volume kspace) {
    for (size_t i = 0; i < kspace.size(); ++i) {
      const size_t column = i % kWidth;
      if (column % 4 != 3 && (column < 4 || column > 7)) kspace[i] = 0;
    }
    return kspace;
  }
  OverlapResult result() const {
    return find_overlap(find_edition("snu-2025"), folder_.path() / "leaderboard",
                        {folder_.path() / "train"});
  }
  void SetUp() override {
    write(folder_.path() / "leaderboard/acc4/kspace/brain_test1.h5", masked(random_kspace(1)));
    write(folder_.path() / "leaderboard/acc8/kspace/brain_test1.h5", masked(random_kspace(2)));
    write(folder_.path() / "train/kspace/brain_acc4_1.h5", random_kspace(3));
  }
  system::TemporaryFolder folder_;
};

TEST_F(OverlapTest, DifferentDataDoNotMatch) {
  EXPECT_THAT(result().matches, IsEmpty());
  EXPECT_EQ(result().training_slices, 2);
  EXPECT_EQ(result().leaderboard_slices, 4);
}

TEST_F(OverlapTest, CompleteKspaceOfAMaskedVolumeIsFound) {
  write(folder_.path() / "train/kspace/brain_acc4_2.h5", random_kspace(2));
  EXPECT_THAT(
      result().matches,
      ElementsAre("train/kspace/brain_acc4_2.h5 slice 0 = acc8/kspace/brain_test1.h5 slice 0",
                  "train/kspace/brain_acc4_2.h5 slice 1 = acc8/kspace/brain_test1.h5 slice 1"));
}

// The folder of the private cell of 2024's final set was not told.
TEST_F(OverlapTest, FoldersThatStandForACellAreRead) {
  write(folder_.path() / "final/acc4/kspace/a.h5", masked(random_kspace(4)));
  write(folder_.path() / "final/acc6/kspace/a.h5", masked(random_kspace(3)));
  const OverlapResult found =
      find_overlap(find_edition("snu-2024"), folder_.path() / "final", {folder_.path() / "train"});
  EXPECT_EQ(found.leaderboard_slices, 4);
  EXPECT_THAT(found.matches,
              testing::Contains(HasSubstr("brain_acc4_1.h5 slice 0 = acc6/kspace/a.h5 slice 0")));
}

TEST_F(OverlapTest, ALeaderboardWithoutCellsIsRead) {
  write(folder_.path() / "flat/kspace/brain_test1.h5", masked(random_kspace(3)));
  const OverlapResult found =
      find_overlap(find_edition("snu-2021"), folder_.path() / "flat", {folder_.path() / "train"});
  EXPECT_EQ(found.leaderboard_slices, 2);
  EXPECT_THAT(found.matches,
              testing::Contains(HasSubstr("slice 1 = leaderboard/kspace/brain_test1.h5 slice 1")));
}

TEST_F(OverlapTest, EmptySlicesProveNothing) {
  write(folder_.path() / "leaderboard/acc4/kspace/brain_test2.h5", Volume(random_kspace(1).size()));
  write(folder_.path() / "train/kspace/brain_acc4_2.h5", Volume(random_kspace(1).size()));
  EXPECT_THAT(result().matches, IsEmpty());
}

TEST_F(OverlapTest, LabelsAreComparedToo) {
  const std::vector<float> image(4, 0.5f);
  for (const char* name : {"leaderboard/acc4/image/brain_test1.h5", "train/image/x.h5"}) {
    formats::Hdf5Writer writer(folder_.path() / name);
    writer.write("image_label", {1, 2, 2}, image);
    writer.commit();
  }
  EXPECT_THAT(result().matches,
              ElementsAre("train/image/x.h5 slice 0 = acc4/image/brain_test1.h5 slice 0"));
}

TEST_F(OverlapTest, UnreadableTrainingDataIsAnError) {
  std::ofstream(folder_.path() / "train/kspace/brain_acc4_2.h5") << "no HDF5";
  EXPECT_THROW(result(), system::Error);
}

class CompareTest : public testing::Test {
 protected:
  void write(const char* side, const char* cell, const char* name,
             std::vector<float> values) const {
    formats::Hdf5Writer writer(folder_.path() / side / cell / name);
    writer.write("reconstruction", {2, 1, static_cast<int64_t>(values.size()) / 2}, values);
    writer.commit();
  }
  Comparison result() const {
    return compare_reconstructions(find_edition("snu-2025"), folder_.path() / "a",
                                   folder_.path() / "b");
  }
  system::TemporaryFolder folder_;
};

TEST_F(CompareTest, EqualContent) {
  write("a", "acc4", "x.h5", {1, 2, 3, 4});
  write("b", "acc4", "x.h5", {1, 2, 3, 4});
  EXPECT_TRUE(result().equal);
  EXPECT_EQ(result().max_relative, 0);
}

TEST_F(CompareTest, NamesTheFirstSliceThatDiffers) {
  write("a", "acc4", "x.h5", {1, 2, 3, 4});
  write("b", "acc4", "x.h5", {1, 2, 3, 4.5});
  EXPECT_FALSE(result().equal);
  EXPECT_THAT(result().differences,
              ElementsAre("acc4/x.h5: slice 1 is the first to differ; by at most 0.5 (0.12 of the "
                          "maximum), in slice 1"));
  EXPECT_EQ(result().max_difference, 0.5);
  EXPECT_EQ(result().max_relative, 0.5 / 4) << "of the first one's maximum";
  EXPECT_EQ(result().incomparable, 0);
}

TEST_F(CompareTest, NamesTheSliceThatDiffersMost) {
  write("a", "acc4", "x.h5", {1, 2, 3, 4});
  write("b", "acc4", "x.h5", {1.001f, 2, 4, 4});
  EXPECT_THAT(result().differences, ElementsAre(HasSubstr("by at most 1 (0.25 of the maximum), in "
                                                          "slice 1")));
  write("a", "acc8", "y.h5", {1, 1, 1, 2});
  write("b", "acc8", "y.h5", {1, 1, 1, 2.25});
  EXPECT_EQ(result().largest_at, "acc4/x.h5, slice 1");
  write("b", "acc8", "y.h5", {2, 1, 1, 2});
  EXPECT_EQ(result().largest_at, "acc8/y.h5, slice 0");
}

TEST_F(CompareTest, NegativeZeroAndNanAreDifferences) {
  write("a", "acc4", "x.h5", {0, 2});
  write("b", "acc4", "x.h5", {-0.f, 2});
  EXPECT_FALSE(result().equal);
  write("b", "acc4", "x.h5", {NAN, 2});
  EXPECT_EQ(result().max_difference, INFINITY);
}

TEST_F(CompareTest, MissingAndMisshapenVolumes) {
  write("a", "acc4", "x.h5", {1, 2});
  write("a", "acc8", "y.h5", {1, 2});
  write("b", "acc8", "y.h5", {1, 2, 3, 4});
  EXPECT_THAT(result().differences, ElementsAre("acc4/x.h5: only in one of the two",
                                                HasSubstr("acc8/y.h5: float32 (2, 1, 1) against")));
  EXPECT_EQ(result().incomparable, 2);
  EXPECT_FALSE(result().max_relative);
}

}  // namespace
}  // namespace reconproof::checks
