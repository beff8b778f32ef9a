// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <random>

#include "challenge/score/foreground.h"
#include "challenge/score/ssim.h"
#include "challenge/score/text.h"
#include "formats/hdf5.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::challenge {
namespace {

namespace fs = std::filesystem;
using system::ExitCode;
using testing::ElementsAre;
using testing::HasSubstr;

const fs::path kGolden = fs::path(RECONPROOF_TEST_DATA) / "scoring/snu-2025";

const Finding& finding(const ScoreResult& result, const std::string& rule) {
  for (const Finding& candidate : result.findings) {
    if (candidate.rule_id == rule) return candidate;
  }
  throw std::logic_error("no finding " + rule);
}

TEST(Foreground, EqualsBruteForce) {
  constexpr int64_t kHeight = 61, kWidth = 47;
  std::mt19937 random(430);
  for (double density : {0.02, 0.3, 0.9, 0.995}) {
    std::vector<float> label(kHeight * kWidth);
    for (float& v : label) v = (random() % 10000) / 10000.0 < density ? 1.f : 0.f;
    // Step by step as OpenCV: beyond the border erode sees 1 and dilate 0.
    std::vector<uint8_t> mask(label.begin(), label.end());
    const auto step = [&](bool erode, int times) {
      for (int t = 0; t < times; ++t) {
        std::vector<uint8_t> next(mask.size());
        for (int64_t y = 0; y < kHeight; ++y) {
          for (int64_t x = 0; x < kWidth; ++x) {
            bool all = true, any = false;
            for (int64_t v = std::max<int64_t>(0, y - 1); v <= std::min(kHeight - 1, y + 1); ++v) {
              for (int64_t u = std::max<int64_t>(0, x - 1); u <= std::min(kWidth - 1, x + 1); ++u) {
                (mask[static_cast<size_t>(v * kWidth + u)] ? any : all) =
                    mask[static_cast<size_t>(v * kWidth + u)] != 0;
              }
            }
            next[static_cast<size_t>(y * kWidth + x)] = erode ? all : any;
          }
        }
        mask = next;
      }
    };
    step(true, 1);
    step(false, 15);
    step(true, 14);
    EXPECT_EQ(foreground_mask(label, kHeight, kWidth, 0.5), mask) << density;
  }
}

TEST(Ssim, IdenticalImagesScoreOne) {
  std::mt19937 random(430);
  std::vector<float> image(40 * 30);
  for (float& v : image) v = static_cast<float>(random() % 1000) * 1e-6f;
  EXPECT_DOUBLE_EQ(mean_ssim(image, image, 40, 30, 1e-3), 1.0);
}

TEST(Ssim, EqualsTheDefinition) {
  constexpr int64_t kHeight = 12, kWidth = 11;
  std::mt19937 random(1);
  std::vector<float> a(kHeight * kWidth), b(kHeight * kWidth);
  for (float& v : a) v = static_cast<float>(random() % 1000) / 1000.f;
  for (float& v : b) v = static_cast<float>(random() % 1000) / 1000.f;
  const double range = 0.9, c1 = std::pow(0.01 * range, 2), c2 = std::pow(0.03 * range, 2);
  double sum = 0;
  int windows = 0;
  for (int64_t y = 0; y + 7 <= kHeight; ++y) {
    for (int64_t x = 0; x + 7 <= kWidth; ++x, ++windows) {
      double ma = 0, mb = 0, va = 0, vb = 0, cov = 0;
      const auto each = [&](auto&& f) {
        for (int64_t v = y; v < y + 7; ++v) {
          for (int64_t u = x; u < x + 7; ++u)
            f(a[static_cast<size_t>(v * kWidth + u)], b[static_cast<size_t>(v * kWidth + u)]);
        }
      };
      each([&](double p, double q) { ma += p / 49, mb += q / 49; });
      each([&](double p, double q) {
        va += (p - ma) * (p - ma) / 48, vb += (q - mb) * (q - mb) / 48,
            cov += (p - ma) * (q - mb) / 48;
      });
      sum += (2 * ma * mb + c1) * (2 * cov + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
    }
  }
  EXPECT_NEAR(mean_ssim(a, b, kHeight, kWidth, range), sum / windows, 1e-12);
}

TEST(Ssim, NanIsNotAScore) {
  std::vector<float> a(100, 1.f), b(100, 1.f);
  a[50] = NAN;
  EXPECT_TRUE(std::isnan(mean_ssim(a, b, 10, 10, 1)));
}

TEST(ScoreGolden, EqualsTheOfficialScript) {
  const Edition& edition = find_edition("snu-2025");
  const ScoreResult result = score(edition, kGolden / "leaderboard", kGolden / "recon");
  ASSERT_TRUE(result.complete);
  EXPECT_FALSE(result.official_set);
  EXPECT_NEAR(result.item("total")->value, 0.974005933, 1e-6);
  EXPECT_NEAR(result.item("acc4")->value, 0.976153841, 1e-6);
  EXPECT_NEAR(result.item("acc8")->value, 0.971858025, 1e-6);
  EXPECT_EQ(official_print(edition, result), system::read_file(kGolden / "expected_print.txt"));
  EXPECT_EQ(result.exit_code(), ExitCode::kPass);
}

TEST(ScoreGolden, DoesNotDependOnThreads) {
  const Edition& edition = find_edition("snu-2025");
  const auto value = [&](int threads) {
    return score(edition, kGolden / "leaderboard", kGolden / "recon", {.threads = threads})
        .item("total")
        ->value;
  };
  const double one = value(1);
  EXPECT_EQ(one, value(2));
  EXPECT_EQ(one, value(7));
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
  EXPECT_THAT(finding(spoiled, "layout.volumes").evidence,
              ElementsAre(HasSubstr("not a volume of the leaderboard")));
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
              HasSubstr("slice 0 holds NaN or infinity"));
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

TEST_F(SpoiledScore, NoFolderAtAll) {
  EXPECT_THROW(score(edition, kGolden / "leaderboard", recon / "nowhere"), system::Error);
  EXPECT_THROW(score(edition, kGolden / "nowhere", recon), system::Error);
}

}  // namespace
}  // namespace reconproof::challenge
