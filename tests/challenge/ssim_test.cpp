// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/ssim.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "tests/challenge/image_pairs.h"

namespace reconproof::challenge {
namespace {

/// The definition, with deviations from the window's means, in long double.
double definition(const Pair& pair, double range) {
  using Real = long double;
  const Real c1 = std::pow(Real(0.01) * Real(range), 2), c2 = std::pow(Real(0.03) * Real(range), 2);
  Real sum = 0;
  for (int64_t y = 0; y + 7 <= pair.height; ++y) {
    for (int64_t x = 0; x + 7 <= pair.width; ++x) {
      const auto each = [&](auto&& visit) {
        for (int64_t v = y; v < y + 7; ++v) {
          for (int64_t u = x; u < x + 7; ++u) {
            const auto i = static_cast<size_t>(v * pair.width + u);
            visit(Real(pair.image[i]), Real(pair.label[i]));
          }
        }
      };
      Real ma = 0, mb = 0, va = 0, vb = 0, covariance = 0;
      each([&](Real a, Real b) { ma += a / 49, mb += b / 49; });
      each([&](Real a, Real b) {
        va += (a - ma) * (a - ma) / 48;
        vb += (b - mb) * (b - mb) / 48;
        covariance += (a - ma) * (b - mb) / 48;
      });
      sum +=
          (2 * ma * mb + c1) * (2 * covariance + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
    }
  }
  return static_cast<double>(sum / Real((pair.height - 6) * (pair.width - 6)));
}

constexpr double kTolerance = 1e-12;

TEST(Ssim, EqualsTheDefinition) {
  std::mt19937 random(1);
  for (int round = 0; round < 40; ++round) {
    const Pair pair = random_pair(random);
    const double range = range_of(pair);
    const double ssim = mean_ssim(pair.image_view(), pair.label_view(), range);
    EXPECT_NEAR(ssim, definition(pair, range), kTolerance) << pair.height << " x " << pair.width;
    EXPECT_EQ(mean_ssim(pair.image, pair.label, pair.height, pair.width, range), ssim);
  }
}

TEST(Ssim, IdenticalImagesScoreOne) {
  std::mt19937 random(6);
  for (int round = 0; round < 40; ++round) {
    const Pair pair = random_pair(random);
    const ImageView label = pair.label_view();
    EXPECT_EQ(mean_ssim(label, label, range_of(pair)), 1);
    EXPECT_LT(mean_ssim(pair.image_view(), label, range_of(pair)), 1);
  }
}

TEST(Ssim, SymmetricToTheBit) {
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    const Pair pair = random_pair(random);
    const ImageView a = pair.image_view(), b = pair.label_view();
    EXPECT_EQ(mean_ssim(a, b, 0.9), mean_ssim(b, a, 0.9));
  }
}

TEST(Ssim, BoxEqualsItsCopy) {
  std::mt19937 random(8);
  const Pair pair = random_pair(200, 190, 1e-3f, random);
  for (int round = 0; round < 60; ++round) {
    const Rectangle box = random_rectangle(pair, random);
    const Pair copy = copied(pair, box);
    EXPECT_EQ(mean_ssim(box.of(pair.image_view()), box.of(pair.label_view()), 1e-3),
              mean_ssim(copy.image_view(), copy.label_view(), 1e-3));
  }
}

TEST(Ssim, SameBitsOnEveryProcessor) {
  std::mt19937 random(9);
  for (int round = 0; round < 60; ++round) {
    const Pair pair = random_pair(random);
    const ImageView a = pair.image_view(), b = pair.label_view();
    EXPECT_EQ(mean_ssim(a, b, 0.9), mean_ssim(a, b, 0.9, SsimCode::kPortable));
  }
}

// The same on every machine. Fails when a change moves the last bits of scores: then say so in the
// change log.
TEST(Ssim, BitsArePinned) {
  const Pair pair = pinned_pair();
  EXPECT_EQ(fmt::format("{:a}", mean_ssim(pair.image, pair.label, pair.height, pair.width, 0.97)),
            "-0x1.8e0bd941cd2b4p-4");
}

TEST(AllScorable, SeesEveryPlace) {
  constexpr float kMost = 1.8e19F;
  std::vector<float> values(36, kMost);
  values[0] = -std::numeric_limits<float>::denorm_min();
  values[1] = -kMost;
  const ImageView image{values.data(), 4, 9, 9};
  EXPECT_TRUE(all_scorable(image));
  EXPECT_TRUE(all_scorable({}));
  const float larger = std::nextafter(kMost, INFINITY);
  for (float& place : values) {
    for (const float value : {NAN, -NAN, INFINITY, -INFINITY, larger, -larger}) {
      const float before = std::exchange(place, value);
      EXPECT_FALSE(all_scorable(image));
      place = before;
    }
  }
}

TEST(Ssim, NotFiniteIsNotAScore) {
  std::mt19937 random(10);
  for (const float value : {NAN, INFINITY, -INFINITY}) {
    for (int round = 0; round < 10; ++round) {
      Pair pair = random_pair(random);
      auto& values = random() % 2 ? pair.image : pair.label;
      values[random() % values.size()] = value;
      EXPECT_FALSE(std::isfinite(mean_ssim(pair.image_view(), pair.label_view(), 1)));
    }
  }
}

}  // namespace
}  // namespace reconproof::challenge
