// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "challenge/dataset/random.h"
#include "challenge/score/compare.h"
#include "challenge/score/text.h"
#include "formats/hdf5.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::challenge {
namespace {

namespace fs = std::filesystem;
using system::ExitCode;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

fs::path golden_set(const std::string& edition) {
  return fs::path(RECONPROOF_TEST_DATA) / "scoring" / edition;
}

const fs::path kGolden = golden_set("snu-2025");

ScoreResult score_golden(const std::string& edition, const ScoreOptions& options = {}) {
  const fs::path folder = golden_set(edition);
  return score(find_edition(edition), folder / "leaderboard", folder / "recon", options);
}

const VolumeScore& find(const ScoreResult& result, const std::string& cell,
                        const std::string& name) {
  for (const VolumeScore& volume : result.volumes)
    if (volume.cell == cell && volume.volume == name) return volume;
  throw std::logic_error("no volume " + name);
}

/// The data set of a file becomes the reconstruction of another.
void copy_as_reconstruction(const fs::path& source, const std::string& dataset,
                            const fs::path& target) {
  const auto reader = formats::open_local(source);
  formats::Hdf5Writer writer(target);
  writer.write("reconstruction", reader->dataset(dataset).shape, reader->read_floats(dataset));
  writer.commit();
}

const Finding& finding(const ScoreResult& result, const std::string& rule) {
  for (const Finding& candidate : result.findings) {
    if (candidate.rule_id == rule) return candidate;
  }
  throw std::logic_error("no finding " + rule);
}

/// What is expected of an edition's golden set: items in the order of the official print, as the
/// official script computes them (expected_9_digits.txt).
struct Golden {
  const char* edition;
  std::vector<std::pair<const char*, double>> items;
};

std::ostream& operator<<(std::ostream& out, const Golden& golden) { return out << golden.edition; }

class ScoreGolden : public testing::TestWithParam<Golden> {
 protected:
  ScoreGolden() : edition(find_edition(GetParam().edition)), folder(golden_set(edition.id)) {}
  ScoreResult result(const ScoreOptions& options = {}) const {
    return score(edition, folder / "leaderboard", folder / "recon", options);
  }
  const Edition& edition;
  const fs::path folder;
};

TEST_P(ScoreGolden, EqualsTheOfficialScript) {
  const ScoreResult scored = result();
  ASSERT_TRUE(scored.complete);
  EXPECT_FALSE(scored.official_set);
  EXPECT_EQ(scored.exit_code(), ExitCode::kPass);
  for (const auto& [name, value] : GetParam().items) {
    ASSERT_NE(scored.item(name), nullptr) << name;
    EXPECT_NEAR(scored.item(name)->value, value, 2e-7) << name;
  }
}

TEST_P(ScoreGolden, PrintsWhatTheOfficialScriptPrints) {
  EXPECT_EQ(official_print(edition, result()), system::read_file(folder / "expected_print.txt"));
}

TEST_P(ScoreGolden, DoesNotDependOnThreads) {
  const ScoreResult one = result({.threads = 1});
  for (const int threads : {2, 7}) {
    const ScoreResult other = result({.threads = threads});
    EXPECT_EQ(to_csv(one), to_csv(other)) << threads;
    for (const ScoreItem& item : one.items)
      EXPECT_EQ(item.value, other.item(item.name)->value) << item.name << ", " << threads;
  }
}

TEST_P(ScoreGolden, IdenticalImagesScoreOne) {
  const system::TemporaryFolder copies;
  for (const Cell& cell : edition.cells) {
    fs::create_directory(copies.path() / cell.name);
    for (const auto& label : fs::directory_iterator(folder / "leaderboard" / cell.folder / "image"))
      copy_as_reconstruction(label, "image_label",
                             copies.path() / cell.name / label.path().filename());
  }
  const ScoreResult scored = score(edition, folder / "leaderboard", copies.path());
  ASSERT_TRUE(scored.complete);
  // The official script's float32 rounding leaves no trace: both images are rounded alike.
  for (const ScoreItem& item : scored.items) EXPECT_DOUBLE_EQ(item.value, 1) << item.name;
}

TEST_P(ScoreGolden, HasItemsOfEveryName) {
  std::vector<std::string> names;
  for (const ScoreItem& item : result().items) names.push_back(item.name);
  std::vector<std::string> expected = edition.item_names();
  std::erase(expected, "score");  // needs a time
  EXPECT_EQ(names, expected);
}

INSTANTIATE_TEST_SUITE_P(
    Editions, ScoreGolden,
    testing::Values(
        Golden{"snu-2023", {{"total", 0.989921898}}},
        Golden{"snu-2024",
               {{"total", 0.983695298}, {"public", 0.991349260}, {"private", 0.976041337}}},
        Golden{"snu-2025", {{"total", 0.974005933}, {"acc4", 0.976153841}, {"acc8", 0.971858025}}},
        Golden{"snu-2026",
               {{"ssim_full", 0.828907013},
                {"ssim_full_acc4", 0.880316401},
                {"ssim_full_acc8", 0.777497625},
                {"ssim_bbox", 0.707133472},
                {"ssim_bbox_acc4", 0.694189715},
                {"ssim_bbox_acc8", 0.720077229}}}),
    [](const auto& test) {
      std::string name = test.param.edition;
      name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
      return name;
    });

TEST(ScoreGolden2026, WhatDoesNotCountHasNoValue) {
  const ScoreResult scored = score_golden("snu-2026");
  const VolumeScore& volume = find(scored, "acc4", "knee_test9.h5");
  ASSERT_EQ(volume.slices.size(), 3u);
  EXPECT_FALSE(volume.slices[1].has_value()) << "its mask is empty";
  EXPECT_THAT(std::count_if(volume.boxes.begin(), volume.boxes.end(),
                            [](const BoxScore& box) { return !box.value; }),
              2);
  EXPECT_THAT(find(scored, "acc4", "knee_test27.h5").boxes, IsEmpty());
}

TEST(ScoreGolden2024, AnEmptyMaskScoresOne) {
  const ScoreResult scored = score_golden("snu-2024");
  bool found = false;
  for (const VolumeScore& volume : scored.volumes)
    for (const auto& slice : volume.slices) found |= slice == 1.0;
  EXPECT_TRUE(found);
}

// ---- times (2026) ----

ScoreResult timed(double acc4, double acc8) {
  return score_golden("snu-2026", {.ms_per_slice = {{"acc4", acc4}, {"acc8", acc8}}});
}

TEST(ScoreTimes, PrintsWhatReconEvalPrints) {
  EXPECT_EQ(official_print(find_edition("snu-2026"), timed(87.6, 87.6)),
            "Leaderboard SSIM_full : 0.8289\n"
            "Leaderboard SSIM_bbox : 0.7071\n"
            "Leaderboard Recon Time : 1.05s (87.6 ms/slice)\n"
            "========== Details ==========\n"
            "SSIM_full (acc4): 0.8803   SSIM_full (acc8): 0.7775\n"
            "SSIM_bbox (acc4): 0.6942   SSIM_bbox (acc8): 0.7201\n"
            "Recon Time (acc4): 0.53s (87.6 ms/slice)   (acc8): 0.53s (87.6 ms/slice)\n"
            "Recon Time (total): 1.05s\n");
}

TEST(ScoreTimes, WarnsOfVolumesOfMoreThanAMinute) {
  const Edition& edition = find_edition("snu-2026");
  // The longest volume of each cell has three slices, the next two.
  EXPECT_THAT(official_print(edition, timed(19'999, 20'000)), Not(HasSubstr("WARNING")));
  EXPECT_THAT(official_print(edition, timed(1, 20'001)),
              EndsWith("Recon Time (total): 120.01s\n"
                       "[WARNING] 1 volume(s) exceeded 60s of forward time (acc4: 0, acc8: 1) - "
                       "reconstruction is too slow, consider optimizing.\n"));
  EXPECT_THAT(
      official_print(edition, timed(30'001, 20'001)),
      HasSubstr("[WARNING] 3 volume(s) exceeded 60s of forward time (acc4: 2, acc8: 1) - "));
}

TEST(ScoreTimes, SpeedTermIsLinearBetweenItsEnds) {
  const double half = 0.5 * (0.828907013 + 0.707133472);
  const auto value = [](double acc4, double acc8) {
    return timed(acc4, acc8).item("score")->value;
  };
  EXPECT_NEAR(value(80, 80) - half, 0.001, 2e-7);
  EXPECT_NEAR(value(10, 10) - half, 0.001, 2e-7);
  EXPECT_NEAR(value(87.6, 87.6) - half, 0.001 * (2000 - 87.6) / 1920, 2e-7);
  EXPECT_NEAR(value(1040, 1040) - half, 0.0005, 2e-7);
  EXPECT_NEAR(value(1000, 1080) - half, 0.0005, 2e-7) << "both cells have six slices";
  EXPECT_NEAR(value(2000, 2000) - half, 0, 2e-7);
  EXPECT_NEAR(value(5000, 5000) - half, 0, 2e-7);
}

TEST(ScoreTimes, NeedsATimeForEachCell) {
  const auto fails = [](const std::map<std::string, double>& times) {
    EXPECT_THROW(score_golden("snu-2026", {.ms_per_slice = times}), system::Error);
  };
  fails({{"acc4", 80}});
  fails({{"acc4", 80}, {"acc8", -1}});
  fails({{"acc4", 80}, {"acc8", NAN}});
  fails({{"acc4", 80}, {"acc8", 80}, {"acc16", 80}});
}

TEST(ScoreNumpy, BothSumsArePrinted) {
  for (const char* edition : {"snu-2023", "snu-2024", "snu-2025"}) {
    for (const ScoreItem& item : score_golden(edition).items)
      EXPECT_EQ(item.printed_numpy2, item.printed) << "of few slices both print the same";
  }
  for (const ScoreItem& item : score_golden("snu-2026").items)
    EXPECT_EQ(item.printed_numpy2, "") << "the script adds up Python floats";
}

/// A copy of the golden reconstructions to spoil.
class SpoiledScore : public testing::Test {
 protected:
  SpoiledScore() : edition(find_edition("snu-2025")), recon(folder.path() / "recon") {
    fs::copy(kGolden / "recon", recon, fs::copy_options::recursive);
  }
  ScoreResult result() { return score(edition, kGolden / "leaderboard", recon); }
  void rewrite(const std::string& name, const formats::Shape& shape, float value) {
    formats::Hdf5Writer writer(recon / name);
    const std::vector<float> data(static_cast<size_t>(shape[0] * shape[1] * shape[2]), value);
    writer.write("reconstruction", shape, data);
    writer.commit();
  }
  system::TemporaryFolder folder;
  const Edition& edition;
  fs::path recon;
};

TEST_F(SpoiledScore, MissingVolume) {
  fs::remove(recon / "acc8/knee_test2.h5");
  const ScoreResult spoiled = result();
  EXPECT_FALSE(spoiled.complete);
  EXPECT_TRUE(spoiled.items.empty());
  EXPECT_EQ(finding(spoiled, "layout.volumes").status, Status::kFail);
  EXPECT_THAT(finding(spoiled, "layout.volumes").evidence,
              ElementsAre(HasSubstr("acc8/knee_test2.h5: missing")));
  EXPECT_EQ(spoiled.exit_code(), ExitCode::kRuleBroken);
}

TEST_F(SpoiledScore, WholeCellMissing) {
  fs::remove_all(recon / "acc8");
  EXPECT_EQ(finding(result(), "layout.volumes").evidence.size(), 4u);
  EXPECT_EQ(result().exit_code(), ExitCode::kRuleBroken);
}

TEST_F(SpoiledScore, ExtraFile) {
  std::ofstream(recon / "acc4/brain_test99.h5") << "x";
  const ScoreResult spoiled = result();
  EXPECT_FALSE(spoiled.complete) << "the official script counts files, and stops";
  EXPECT_THAT(spoiled.items, IsEmpty());
  EXPECT_THAT(finding(spoiled, "layout.volumes").evidence,
              ElementsAre(HasSubstr("not a volume of the leaderboard")));
  EXPECT_THAT(score_table(edition, spoiled, false),
              HasSubstr("No score: 8 of 8 expected volumes counted, but other files"));
  EXPECT_EQ(spoiled.exit_code(), ExitCode::kRuleBroken);
}

TEST_F(SpoiledScore, TruncatedFile) {
  fs::resize_file(recon / "acc4/brain_test1.h5", 3000);
  const ScoreResult spoiled = result();
  EXPECT_FALSE(spoiled.complete);
  EXPECT_THAT(finding(spoiled, "layout.shape").evidence,
              ElementsAre(HasSubstr("acc4/brain_test1.h5")));
  EXPECT_EQ(spoiled.exit_code(), ExitCode::kMalformed);
}

TEST_F(SpoiledScore, WrongShape) {
  rewrite("acc4/brain_test1.h5", {1, 384, 383}, 0);
  const ScoreResult spoiled = result();
  EXPECT_THAT(
      finding(spoiled, "layout.shape").evidence,
      ElementsAre(HasSubstr("'reconstruction' is float32 (1, 384, 383), expected float32 (")));
  EXPECT_EQ(spoiled.exit_code(), ExitCode::kMalformed);
}

TEST_F(SpoiledScore, NotANumber) {
  const auto slices =
      formats::open_local(recon / "acc4/brain_test1.h5")->dataset("reconstruction").shape[0];
  rewrite("acc4/brain_test1.h5", {slices, 384, 384}, NAN);
  const ScoreResult spoiled = result();
  EXPECT_FALSE(spoiled.complete);
  EXPECT_THAT(finding(spoiled, "values.finite").evidence[0],
              HasSubstr("slice 0 holds NaN at row 0, column 0"));
  EXPECT_EQ(spoiled.exit_code(), ExitCode::kRuleBroken);
}

TEST_F(SpoiledScore, EveryFaultIsNamedInOneRun) {
  fs::remove(recon / "acc8/knee_test2.h5");
  fs::resize_file(recon / "acc4/brain_test1.h5", 3000);
  rewrite("acc4/brain_test2.h5", {5, 384, 384}, 1);
  const ScoreResult spoiled = result();
  EXPECT_EQ(finding(spoiled, "layout.volumes").evidence.size(), 1u);
  EXPECT_EQ(finding(spoiled, "layout.shape").evidence.size(), 2u);
  EXPECT_EQ(spoiled.exit_code(), ExitCode::kMalformed);
}

TEST_F(SpoiledScore, PartialIsOfWhatCounted) {
  fs::remove(recon / "acc4/knee_test2.h5");
  EXPECT_THAT(result().partial_items, IsEmpty()) << "not asked for";
  const ScoreResult part = score(edition, kGolden / "leaderboard", recon, {.partial = true});
  EXPECT_FALSE(part.complete);
  EXPECT_THAT(part.items, IsEmpty());
  ASSERT_EQ(part.partial_items.size(), 3u);
  double sum = 0, count = 0;
  for (const char* name : {"brain_test1.h5", "brain_test2.h5", "knee_test1.h5"}) {
    for (const auto& slice : find(part, "acc4", name).slices) sum += *slice, ++count;
  }
  EXPECT_DOUBLE_EQ(part.partial_items[1].value, sum / count);
  EXPECT_EQ(part.partial_items[2].value, score_golden("snu-2025").item("acc8")->value);
  EXPECT_EQ(part.exit_code(), ExitCode::kRuleBroken);
}

TEST_F(SpoiledScore, ACellWithoutAVolumeHasNoMean) {
  fs::remove_all(recon / "acc4");
  const ScoreResult part = score(edition, kGolden / "leaderboard", recon, {.partial = true});
  EXPECT_EQ(part.volumes.size(), 4u);
  EXPECT_THAT(part.partial_items, IsEmpty());
}

TEST_F(SpoiledScore, NoFolderAtAll) {
  EXPECT_THROW(score(edition, kGolden / "leaderboard", recon / "nowhere"), system::Error);
  EXPECT_THROW(score(edition, kGolden / "nowhere", recon), system::Error);
}

// ---- other sets than the public leaderboard ----

TEST(ScoreSets, FinalSetHasAnyNames) {
  const system::TemporaryFolder folder;
  for (const char* cell : {"acc4", "acc8"}) {
    const fs::path labels = folder.path() / "labels" / cell / "image";
    const fs::path recon = folder.path() / "recon" / cell;
    fs::create_directories(labels);
    fs::create_directories(recon);
    for (const std::string name : {"brain_test1.h5", "brain_test2.h5", "knee_test1.h5"}) {
      fs::copy_file(kGolden / "leaderboard" / cell / "image" / name, labels / ("AX_" + name));
      fs::copy_file(kGolden / "recon" / cell / name, recon / ("AX_" + name));
    }
  }
  const auto scored = [&](bool final_set) {
    return score(find_edition("snu-2025"), folder.path() / "labels", folder.path() / "recon",
                 {.final_set = final_set});
  };
  const ScoreResult golden = score_golden("snu-2025"), final_set = scored(true);
  EXPECT_TRUE(final_set.final_set && final_set.complete);
  EXPECT_FALSE(final_set.official_set);
  EXPECT_EQ(final_set.exit_code(), ExitCode::kPass);
  EXPECT_EQ(find(final_set, "acc8", "AX_knee_test1.h5").slices,
            find(golden, "acc8", "knee_test1.h5").slices)
      << "knees have a threshold of their own";
  EXPECT_EQ(to_csv(final_set), to_csv(scored(false))) << "only what is said about the set differs";
}

TEST(ScoreSets, AccelerationsOf2024StandInForEachOther) {
  const fs::path golden = golden_set("snu-2024");
  const std::string expected = system::read_file(golden / "expected_print.txt");
  for (const auto& [seen, unseen] : {std::pair{"acc4", "acc9"}, {"acc8", "acc6"}}) {
    const system::TemporaryFolder folder;
    fs::copy(golden / "leaderboard/acc5", folder.path() / seen, fs::copy_options::recursive);
    fs::copy(golden / "leaderboard/acc9", folder.path() / unseen, fs::copy_options::recursive);
    const Edition& edition = find_edition("snu-2024");
    const ScoreResult scored = score(edition, folder.path(), golden / "recon");
    ASSERT_TRUE(scored.complete) << seen;
    EXPECT_EQ(official_print(edition, scored), expected) << seen;
  }
}

TEST(ScoreSets, OneFolderIn2021And2022) {
  const fs::path golden = golden_set("snu-2023");
  const double acc4 = score_golden("snu-2023").item("acc4")->value;
  for (const char* id : {"snu-2021", "snu-2022"}) {
    const Edition& edition = find_edition(id);
    for (const char* folder : {"leaderboard/acc4", "leaderboard/acc4/image"}) {
      const ScoreResult scored = score(edition, golden / folder, golden / "recon/acc4");
      ASSERT_TRUE(scored.complete) << folder;
      ASSERT_EQ(scored.items.size(), 1u);
      EXPECT_EQ(scored.item("total")->value, acc4) << "same masks, same sums";
      EXPECT_EQ(official_print(edition, scored), "Leaderboard Dataset SSIM : 0.9950\n");
    }
  }
}

TEST(ScoreSets, OrderOfFilesDoesNotMatter) {
  // Copied in another order, a folder lists its entries in another order.
  const system::TemporaryFolder folder;
  std::vector<fs::path> names;
  for (const auto& entry : fs::recursive_directory_iterator(kGolden / "recon"))
    if (entry.is_regular_file()) names.push_back(fs::relative(entry.path(), kGolden / "recon"));
  std::ranges::sort(names, std::ranges::greater{});
  for (const fs::path& name : names) {
    fs::create_directories((folder.path() / name).parent_path());
    fs::copy_file(kGolden / "recon" / name, folder.path() / name);
  }
  EXPECT_EQ(to_csv(score(find_edition("snu-2025"), kGolden / "leaderboard", folder.path())),
            to_csv(score_golden("snu-2025")));
}

// ---- two sets ----

/// A result with `count` volumes of three slices in each cell; value(cell, volume, slice).
template <typename Value>
ScoreResult made_result(int count, Value&& value) {
  ScoreResult result;
  const Edition& edition = find_edition("snu-2025");
  result.edition = edition.id;
  result.ruleset = edition.ruleset();
  result.metric = edition.score.metric;
  for (size_t cell = 0; cell < edition.cells.size(); ++cell) {
    for (int volume = 0; volume < count; ++volume) {
      VolumeScore score;
      score.cell = edition.cells[cell].name;
      score.volume = fmt::format("brain_test{}.h5", volume + 1);
      for (int slice = 0; slice < 3; ++slice)
        score.slices.push_back(value(static_cast<int>(cell), volume, slice));
      result.volumes.push_back(std::move(score));
    }
  }
  return result;
}

/// Between 0 and 1, the same for the same numbers.
double noise(int stream, int cell, int volume, int slice) {
  Random random(1, {stream, cell, volume, slice});
  return static_cast<double>(random.bits() % 10'000) / 1e4;
}

ScoreComparison compared(const ScoreResult& a, const ScoreResult& b) {
  return compare_scores(find_edition("snu-2025"), a, b);
}

double base(int cell, int volume, int slice) { return 0.95 + 0.02 * noise(1, cell, volume, slice); }

TEST(ScoreComparison, WithItselfIsZero) {
  const ScoreResult result = made_result(6, base);
  const ScoreComparison comparison = compared(result, result);
  EXPECT_EQ(comparison.volumes, 12);
  EXPECT_EQ(comparison.slices.size(), 36u);
  EXPECT_THAT(comparison.alone, IsEmpty());
  ASSERT_EQ(comparison.items.size(), 3u);
  for (const ItemDifference& item : comparison.items) {
    EXPECT_EQ(item.a, item.b);
    ASSERT_TRUE(item.interval.has_value());
    EXPECT_EQ(item.interval->low, 0);
    EXPECT_EQ(item.interval->high, 0);
    EXPECT_FALSE(item.is_clear());
  }
  EXPECT_THAT(comparison_table(comparison), HasSubstr("within noise"));
}

TEST(ScoreComparison, ClearWhereEveryVolumeGains) {
  const ScoreResult a = made_result(8, base);
  const ScoreResult b = made_result(8, [](int cell, int volume, int slice) {
    return base(cell, volume, slice) + 0.002 + 0.001 * noise(2, cell, volume, slice);
  });
  for (const ItemDifference& item : compared(a, b).items) {
    EXPECT_TRUE(item.is_clear()) << item.name;
    EXPECT_GT(item.interval->low, 0.002);
    EXPECT_LT(item.interval->high, 0.003);
    EXPECT_LT(item.interval->low, item.b - item.a);
    EXPECT_GT(item.interval->high, item.b - item.a);
  }
  for (const ItemDifference& item : compared(b, a).items) {
    EXPECT_TRUE(item.is_clear()) << item.name;
    EXPECT_LT(item.interval->high, 0) << "a loss is as clear";
  }
}

TEST(ScoreComparison, NoiseIsNotClear) {
  const ScoreResult a = made_result(20, base);
  const ScoreResult b = made_result(20, [](int cell, int volume, int slice) {
    return base(cell, volume, slice) + (volume % 2 == 0 ? 0.01 : -0.01) + 0.0003;
  });
  for (const ItemDifference& item : compared(a, b).items) {
    EXPECT_NEAR(item.b - item.a, 0.0003, 1e-12);
    EXPECT_FALSE(item.is_clear()) << item.name;
  }
}

TEST(ScoreComparison, SlicesOfAVolumeAreDrawnTogether) {
  // One volume differs. A resample without it (a third of them) shows no difference, however many
  // slices it has.
  const ScoreResult a = made_result(6, base);
  const ScoreResult b = made_result(6, [](int cell, int volume, int slice) {
    return base(cell, volume, slice) + (volume == 0 ? 0.06 : 0);
  });
  const ScoreComparison comparison = compared(a, b);
  const ItemDifference& cell = comparison.items[1];
  EXPECT_NEAR(cell.b - cell.a, 0.01, 1e-12);
  EXPECT_NEAR(cell.interval->low, 0, 1e-12);
  EXPECT_NEAR(cell.interval->high, 0.03, 1e-9) << "the volume thrice, in 2.5 % of the resamples";
}

TEST(ScoreComparison, IsTheSameEveryTime) {
  const ScoreResult a = made_result(7, base);
  const ScoreResult b = made_result(7, [](int cell, int volume, int slice) {
    return base(cell, volume, slice) + 0.01 * (noise(3, cell, volume, slice) - 0.4);
  });
  EXPECT_EQ(to_json(compared(a, b)), to_json(compared(a, b)));
}

TEST(ScoreComparison, FewVolumesGiveNoInterval) {
  for (const ItemDifference& item : compared(made_result(4, base), made_result(4, base)).items)
    EXPECT_FALSE(item.interval.has_value() || item.is_clear());
  for (const ItemDifference& item : compared(made_result(5, base), made_result(5, base)).items)
    EXPECT_TRUE(item.interval.has_value());
  EXPECT_THAT(comparison_table(compared(made_result(4, base), made_result(4, base))),
              HasSubstr("none: fewer than 5 volumes in a cell"));
}

TEST(ScoreComparison, OnlyWhatBothHaveCounts) {
  ScoreResult a = made_result(3, base), b = made_result(3, base);
  a.volumes.erase(a.volumes.begin());
  b.volumes.pop_back();
  a.volumes[0].slices[1] = std::nullopt;
  b.volumes[1].slices[2] = 0;
  const ScoreComparison comparison = compared(a, b);
  EXPECT_EQ(comparison.volumes, 4);
  EXPECT_EQ(comparison.slices.size(), 11u);
  EXPECT_THAT(comparison.alone,
              testing::UnorderedElementsAre("acc4/brain_test1.h5", "acc8/brain_test3.h5"));
  const std::string table = comparison_table(comparison);
  EXPECT_THAT(table, HasSubstr("left out, only in one set: acc4/brain_test1.h5"));
  EXPECT_THAT(table, HasSubstr("brain_test2.h5           slice   2   "));
}

TEST(ScoreComparison, HasTheItemsOfTheMetric) {
  const ScoreResult first = score_golden("snu-2026");
  const ScoreComparison comparison = compare_scores(find_edition("snu-2026"), first, first);
  ASSERT_EQ(comparison.items.size(), first.items.size());
  for (const ItemDifference& item : comparison.items) {
    EXPECT_NEAR(item.a, first.item(item.name)->value, 1e-12) << item.name;
    EXPECT_EQ(item.a, item.b);
  }
}

TEST(ScoreComparison, HasTheItemsOfWholeVolumes) {
  const ScoreResult first = score_golden("snu-2025", {.metric = Metric::kVolume});
  const ScoreComparison comparison = compare_scores(find_edition("snu-2025"), first, first);
  ASSERT_EQ(comparison.items.size(), 12u);
  EXPECT_EQ(comparison.items[0].name, "mse");
  EXPECT_EQ(comparison.items[11].name, "ssim_acc8");
}

}  // namespace
}  // namespace reconproof::challenge
