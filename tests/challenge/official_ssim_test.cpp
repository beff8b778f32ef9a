// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/official_ssim.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <vector>

#include "tests/challenge/image_pairs.h"

namespace reconproof::challenge {
namespace {

/// Both images multiplied by the mask.
Pair multiplied(Pair pair) {
  for (size_t i = 0; i < pair.mask.size(); ++i) {
    pair.image[i] *= pair.mask[i];
    pair.label[i] *= pair.mask[i];
  }
  return pair;
}

/// The map's value in the window whose corner is (y, x): the convolutions as LibTorch's CPU code
/// adds them, then one float32 operation after the other.
float plain_window(const Pair& pair, double range, int64_t y, int64_t x) {
  float means[5] = {};
  for (int64_t v = y; v < y + 7; ++v) {
    for (int64_t u = x; u < x + 7; ++u) {
      const auto i = static_cast<size_t>(v * pair.width + u);
      const float a = pair.image[i], b = pair.label[i];
      const float quantities[5] = {a, b, a * a, b * b, a * b};
      for (int q = 0; q < 5; ++q) means[q] = std::fma(quantities[q], 1.0f / 49.0f, means[q]);
    }
  }
  const auto [ux, uy, uxx, uyy, uxy] = means;
  const auto c1 = static_cast<float>(std::pow(0.01 * range, 2));
  const auto c2 = static_cast<float>(std::pow(0.03 * range, 2));
  constexpr float kNorm = 49.0 / 48.0;
  const float vx = kNorm * (uxx - ux * ux), vy = kNorm * (uyy - uy * uy);
  const float vxy = kNorm * (uxy - ux * uy);
  return ((2 * ux * uy + c1) * (2 * vxy + c2)) / ((ux * ux + uy * uy + c1) * (vx + vy + c2));
}

/// Mean of value(y, x) over the windows whose centre is in the mask, or all of them.
template <typename Value>
std::optional<double> mean_of_windows(const Pair& pair, bool inside, Value&& value) {
  double sum = 0;
  int64_t windows = 0;
  for (int64_t y = 0; y + 7 <= pair.height; ++y) {
    for (int64_t x = 0; x + 7 <= pair.width; ++x) {
      if (inside && !pair.mask[static_cast<size_t>((y + 3) * pair.width + x + 3)]) continue;
      sum += value(y, x);
      ++windows;
    }
  }
  if (windows == 0) return std::nullopt;
  return sum / static_cast<double>(windows);
}

std::optional<double> plain(const Pair& pair, double range, bool inside = false) {
  return mean_of_windows(pair, inside, [&](int64_t y, int64_t x) {
    return static_cast<double>(plain_window(pair, range, y, x));
  });
}

double whole(const Pair& pair, double range, SsimCode code = SsimCode::kFastest) {
  return official_ssim(pair.image_view(), pair.label_view(), range, {}, code);
}

double masked(const Pair& pair, double range, SsimCode code = SsimCode::kFastest) {
  return official_ssim(pair.image_view(), pair.label_view(), range, pair.mask_view(), code);
}

std::optional<double> inside(const Pair& pair, double range, SsimCode code = SsimCode::kFastest) {
  return official_ssim_inside(pair.image_view(), pair.label_view(), range, pair.mask_view(), code);
}

constexpr double kTolerance = 1e-13;  // only the mean's additions differ

void expect_plain(const Pair& pair) {
  const Pair product = multiplied(pair);
  const double range = range_of(pair);
  EXPECT_NEAR(whole(pair, range), *plain(pair, range), kTolerance);
  EXPECT_NEAR(masked(pair, range), *plain(product, range), kTolerance);
  const auto expected = plain(product, range, true), found = inside(pair, range);
  ASSERT_EQ(found.has_value(), expected.has_value());
  if (found) {
    EXPECT_NEAR(*found, *expected, kTolerance);
  }
}

TEST(OfficialSsim, EqualsPlainCode) {
  std::mt19937 random(1);
  int empty = 0, full = 0;
  for (int round = 0; round < 60; ++round) {
    const Pair pair = random_pair(random);
    SCOPED_TRACE(fmt::format("round {}: {} x {}", round, pair.height, pair.width));
    expect_plain(pair);
    const auto ones = std::count(pair.mask.begin(), pair.mask.end(), 1);
    empty += ones == 0;
    full += ones == std::ssize(pair.mask);
  }
  EXPECT_GT(empty, 3);
  EXPECT_GT(full, 3);
  EXPECT_LT(empty + full, 40);
}

// Whatever the last tile of a row lacks.
TEST(OfficialSsim, EqualsPlainCodeInEveryWidth) {
  std::mt19937 random(2);
  for (int64_t width = 7; width < 60; ++width) {
    SCOPED_TRACE(width);
    expect_plain(random_pair(7 + width % 3, width, 1, random));
  }
}

// float32 leaves each window's sums relative errors of about 1e-7, and C2 is 9e-4 of the range's
// square: anything further from exact arithmetic is another formula, not another rounding.
TEST(OfficialSsim, StaysNearTheExactMean) {
  std::mt19937 random(3);
  for (int round = 0; round < 40; ++round) {
    const Pair pair = random_pair(random), product = multiplied(pair);
    SCOPED_TRACE(fmt::format("round {}: {} x {}", round, pair.height, pair.width));
    const double range = range_of(pair);
    const ImageView image = product.image_view(), label = product.label_view();
    constexpr double kRounding = 3e-6;
    EXPECT_NEAR(whole(pair, range), mean_ssim(pair.image_view(), pair.label_view(), range),
                kRounding);
    EXPECT_NEAR(masked(pair, range), mean_ssim(image, label, range), kRounding);
    if (pair.height * pair.width > 80 * 80) continue;  // the next line is slow
    const auto exact = mean_of_windows(pair, true, [&](int64_t y, int64_t x) {
      return mean_ssim(image.crop(y, x, 7, 7), label.crop(y, x, 7, 7), range);
    });
    EXPECT_NEAR(inside(pair, range).value_or(0), exact.value_or(0), kRounding);
  }
}

TEST(OfficialSsim, MapIsWhatTheMeansAreOf) {
  std::mt19937 random(11);
  for (int i = 0; i < 40; ++i) {
    const Pair pair = random_pair(random);
    const double range = range_of(pair);
    const std::vector<float> map = official_ssim_map(pair.image_view(), pair.label_view(), range);
    const std::vector<float> masked_map =
        official_ssim_map(pair.image_view(), pair.label_view(), range, pair.mask_view());
    const auto mean = [&](const std::vector<float>& of, bool inside) {
      return mean_of_windows(pair, inside, [&](int64_t y, int64_t x) {
        return static_cast<double>(of[static_cast<size_t>((y + 3) * pair.width + x + 3)]);
      });
    };
    EXPECT_NEAR(*mean(map, false), whole(pair, range), 1e-12);
    EXPECT_NEAR(*mean(masked_map, false), masked(pair, range), 1e-12);
    const std::optional<double> expected = inside(pair, range);
    ASSERT_EQ(mean(masked_map, true).has_value(), expected.has_value());
    if (expected) {
      EXPECT_NEAR(*mean(masked_map, true), *expected, 1e-12);
    }
    EXPECT_TRUE(std::isnan(map.front()) && std::isnan(map.back()));
  }
}

TEST(OfficialSsim, MaskOfNoWindowsCentreCountsNothing) {
  std::mt19937 random(4);
  Pair pair = random_pair(20, 20, 1, random);
  // The outermost three pixels are no window's centre.
  for (int64_t y = 0; y < 20; ++y) {
    for (int64_t x = 0; x < 20; ++x) {
      pair.mask[static_cast<size_t>(y * 20 + x)] = std::min({y, x, 19 - y, 19 - x}) < 3;
    }
  }
  EXPECT_EQ(inside(pair, 1), std::nullopt);
  EXPECT_NE(masked(pair, 1), 1);  // but windows touch it
  pair.mask[16 * 20 + 3] = 1;
  EXPECT_TRUE(inside(pair, 1).has_value());
}

TEST(OfficialSsim, EmptyMaskComparesZeros) {
  std::mt19937 random(5);
  Pair pair = random_pair(90, 150, 1, random);
  std::fill(pair.mask.begin(), pair.mask.end(), 0);
  EXPECT_EQ(masked(pair, 1), 1);
  EXPECT_EQ(inside(pair, 1), std::nullopt);
  // C1 C2, of the fourth power of the range, is not a float32: the script's 0 / 0 or inf / inf.
  for (const double range : {1e-11, 1e12}) EXPECT_TRUE(std::isnan(masked(pair, range)));
}

TEST(OfficialSsim, FullMaskIsNone) {
  std::mt19937 random(6);
  for (int round = 0; round < 20; ++round) {
    Pair pair = random_pair(random);
    std::fill(pair.mask.begin(), pair.mask.end(), 1);
    EXPECT_EQ(masked(pair, 0.9), whole(pair, 0.9));
    EXPECT_EQ(inside(pair, 0.9), whole(pair, 0.9));
  }
}

TEST(OfficialSsim, IdenticalImagesScoreOne) {
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    Pair pair = random_pair(random);
    const double range = range_of(pair);
    EXPECT_LT(whole(pair, range), 1);
    pair.image = pair.label;
    EXPECT_EQ(whole(pair, range), 1);
    EXPECT_EQ(masked(pair, range), 1);
    EXPECT_EQ(inside(pair, range).value_or(1), 1);
  }
}

TEST(OfficialSsim, SymmetricToTheBit) {
  std::mt19937 random(8);
  for (int round = 0; round < 40; ++round) {
    const Pair pair = random_pair(random);
    Pair swapped = pair;
    std::swap(swapped.image, swapped.label);
    EXPECT_EQ(whole(pair, 0.9), whole(swapped, 0.9));
    EXPECT_EQ(masked(pair, 0.9), masked(swapped, 0.9));
    EXPECT_EQ(inside(pair, 0.9), inside(swapped, 0.9));
  }
}

TEST(OfficialSsim, BoxEqualsItsCopy) {
  std::mt19937 random(9);
  const Pair pair = random_pair(200, 190, 1e-3f, random);
  for (int round = 0; round < 60; ++round) {
    const Rectangle box = random_rectangle(pair, random);
    const Pair copy = copied(pair, box);
    const ImageView image = box.of(pair.image_view()), label = box.of(pair.label_view());
    const MaskView mask = box.of(pair.mask_view());
    EXPECT_EQ(official_ssim(image, label, 1e-3), whole(copy, 1e-3));
    EXPECT_EQ(official_ssim(image, label, 1e-3, mask), masked(copy, 1e-3));
    EXPECT_EQ(official_ssim_inside(image, label, 1e-3, mask), inside(copy, 1e-3));
  }
}

TEST(OfficialSsim, SameBitsOnEveryProcessor) {
  std::mt19937 random(10);
  for (int round = 0; round < 40; ++round) {
    const Pair pair = random_pair(random);
    EXPECT_EQ(whole(pair, 0.9), whole(pair, 0.9, SsimCode::kPortable));
    EXPECT_EQ(masked(pair, 0.9), masked(pair, 0.9, SsimCode::kPortable));
    EXPECT_EQ(inside(pair, 0.9), inside(pair, 0.9, SsimCode::kPortable));
  }
}

// The same on every machine. Fails when a change moves the last bits of scores: then say so in the
// change log.
TEST(OfficialSsim, BitsArePinned) {
  const Pair pair = pinned_pair();
  EXPECT_EQ(fmt::format("{:a}", whole(pair, 0.97)), "-0x1.8e0bd7abfc0f5p-4");
  EXPECT_EQ(fmt::format("{:a}", masked(pair, 0.97)), "0x1.3e1cdb2fdda38p-2");
  EXPECT_EQ(fmt::format("{:a}", inside(pair, 0.97).value()), "-0x1.0d91a72f75926p-4");
}

}  // namespace
}  // namespace reconproof::challenge
