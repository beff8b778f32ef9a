// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The leak matrix in small: every transformation, on simulated heads and on a real slice.
#include "checks/data/near_duplicates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "challenge/dataset/import.h"
#include "tests/checks/leak_transformations.h"

namespace reconproof::checks {
namespace {

using challenge::KspaceVolume;
using testing::HasSubstr;
using testing::IsEmpty;

KspaceVolume phantom(int64_t number, int64_t slices = 2) {
  return challenge::simulate_volume({430, slices, 6, 224, 200, 0.007}, number, nullptr);
}

KspaceVolume real_slice() {
  return challenge::read_complete_kspace(RECONPROOF_TEST_DATA "/brain_t1_7coil/brain_t1_7coil.h5",
                                         {});
}

class LeakMatrix : public testing::TestWithParam<int> {
 protected:
  /// Every leaderboard volume against every transformed one.
  static NearDuplicateResult compare(int transformation) {
    NearDuplicateFinder finder;
    const KspaceVolume volumes[] = {phantom(1), real_slice(), phantom(2)};
    for (int64_t i = 0; i < 3; ++i) {
      const std::string name = "volume" + std::to_string(i);
      add_volume(finder, LeakSide::kLeaderboard, leaderboard_volume(name, volumes[i], 4), true);
      add_volume(finder, LeakSide::kTraining, transformed(transformation, name, volumes[i], 4, i),
                 true);
    }
    return finder.find();
  }
};

TEST_P(LeakMatrix, FindsCopiesAndNothingElse) {
  SCOPED_TRACE(leak_transformation(GetParam()));
  const NearDuplicateResult result = compare(GetParam());
  std::set<std::string> found;
  for (const NearDuplicate& item : result.found) {
    const std::string a = item.leaderboard.substr(0, 7), b = item.training.substr(0, 7);
    EXPECT_EQ(a, b) << item.text();  // strangers are not even neighbours
    if (item.likeness == Likeness::kCopy) found.insert(a);
  }
  EXPECT_EQ(found.size(), 3u);
}
INSTANTIATE_TEST_SUITE_P(Transformations, LeakMatrix, testing::Range(0, kLeakTransformations));

TEST(NearDuplicates, SliceNearASliceIsANeighbour) {
  const KspaceVolume volume = phantom(1, 20);
  NearDuplicateFinder finder;
  KspaceVolume even{1, volume.coils, volume.height, volume.width, {}}, odd = even;
  const auto slice = [&](int64_t i) {
    const auto first = volume.kspace.begin() + i * volume.slice_size();
    return std::vector<challenge::Complex>(first, first + volume.slice_size());
  };
  even.kspace = slice(10), odd.kspace = slice(12);
  add_volume(finder, LeakSide::kLeaderboard, leaderboard_volume("board", even, 4), true);
  add_volume(finder, LeakSide::kTraining, transformed(0, "train", odd, 4, 0), true);
  const NearDuplicateResult result = finder.find();
  ASSERT_EQ(result.found.size(), 1u);
  EXPECT_EQ(result.found[0].likeness, Likeness::kNeighbour) << result.found[0].text();
  EXPECT_THAT(result.found[0].text(), HasSubstr("is a neighbour of"));
}

TEST(NearDuplicates, OfACopiedVolumeEachSliceIsTold) {
  const KspaceVolume volume = phantom(3, 3);
  NearDuplicateFinder finder;
  add_volume(finder, LeakSide::kLeaderboard, leaderboard_volume("board", volume, 8), true);
  add_volume(finder, LeakSide::kTraining, transformed(5, "train", volume, 8, 1), true);
  const NearDuplicateResult result = finder.find();
  EXPECT_EQ(result.leaderboard_slices, 3);
  EXPECT_EQ(result.training_slices, 3);
  EXPECT_EQ(result.count(Likeness::kCopy), 3);
  EXPECT_THAT(result.found[0].text(), HasSubstr("flipped left to right"));
}

TEST(NearDuplicates, EmptySlicesAreNothing) {
  KspaceVolume black = phantom(1, 1);
  std::fill(black.kspace.begin(), black.kspace.end(), challenge::Complex{});
  NearDuplicateFinder finder;
  for (LeakSide side : {LeakSide::kLeaderboard, LeakSide::kTraining})
    add_volume(finder, side, {"black", black, {}}, false);
  const NearDuplicateResult result = finder.find();
  EXPECT_EQ(result.leaderboard_slices, 0);
  EXPECT_THAT(result.found, IsEmpty());
}

challenge::SliceMatch seen_in(double detail, double evidence) {
  challenge::SliceMatch match;
  match.detail = detail;
  match.cells = static_cast<int>(evidence / detail);
  return match;
}

TEST(NearDuplicates, LessDetailAsksForMoreLikeness) {
  double before = 1;
  for (double detail : {0.01, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0}) {
    const challenge::SliceMatch match = seen_in(detail, 2000);
    EXPECT_LE(copy_threshold(match), before);
    EXPECT_LT(neighbour_threshold(match), copy_threshold(match));
    before = copy_threshold(match);
  }
}

TEST(NearDuplicates, FewerCellsAskForMoreLikeness) {
  for (double detail : {0.05, 0.2, 1.0}) {
    double before = 1;
    for (double evidence : {50., 80., 120., 700., 900., 1100.}) {
      EXPECT_LE(copy_threshold(seen_in(detail, evidence)), before) << detail << " " << evidence;
      before = copy_threshold(seen_in(detail, evidence));
    }
    EXPECT_LT(before, copy_threshold(seen_in(detail, 50)));
  }
}

}  // namespace
}  // namespace reconproof::checks
