// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/ssim.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <utility>
#include <vector>

namespace reconproof::challenge {
namespace {

struct Pair {
  int64_t height, width;
  std::vector<float> image, label;
  std::vector<uint8_t> mask;

  ImageView image_view() const { return {image.data(), height, width, width}; }
  ImageView label_view() const { return {label.data(), height, width, width}; }
  MaskView mask_view() const { return {mask.data(), height, width, width}; }
};

/// A label of blobs of up to `peak`, an image that is it with noise, and a mask of rectangles (none
/// to many, so that it is empty, full or ragged).
Pair random_pair(int64_t height, int64_t width, float peak, std::mt19937& random) {
  Pair pair{height, width, {}, {}, std::vector<uint8_t>(static_cast<size_t>(height * width))};
  std::uniform_real_distribution<float> uniform(0, 1);
  const float rows = 0.05f + uniform(random), columns = 0.05f + uniform(random);
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      const float blob =
          std::sin(rows * static_cast<float>(y)) * std::cos(columns * static_cast<float>(x));
      pair.label.push_back(peak * (0.5f + 0.5f * blob));
      pair.image.push_back(pair.label.back() + peak * 0.1f * (uniform(random) - 0.5f));
    }
  }
  for (uint32_t rectangles = random() % 5; rectangles > 0; --rectangles) {
    const auto y = static_cast<int64_t>(random()) % height,
               x = static_cast<int64_t>(random()) % width;
    const auto bottom = y + static_cast<int64_t>(random()) % (height - y + 1),
               right = x + static_cast<int64_t>(random()) % (width - x + 1);
    for (int64_t v = y; v < bottom; ++v) {
      for (int64_t u = x; u < right; ++u) pair.mask[static_cast<size_t>(v * width + u)] = 1;
    }
  }
  return pair;
}

/// Sizes from one window to more than two strips of the implementation.
Pair random_pair(std::mt19937& random) {
  const auto side = [&] { return 7 + static_cast<int64_t>(random() % (random() % 2 ? 20 : 160)); };
  const int64_t height = side(), width = side();
  const float peaks[] = {1e-4f, 1.f, 3e3f};
  return random_pair(height, width, peaks[random() % 3], random);
}

double range_of(const Pair& pair) {
  return static_cast<double>(*std::max_element(pair.label.begin(), pair.label.end()));
}

/// Both images multiplied by the mask.
Pair multiplied(Pair pair) {
  for (size_t i = 0; i < pair.mask.size(); ++i) {
    pair.image[i] *= pair.mask[i];
    pair.label[i] *= pair.mask[i];
  }
  return pair;
}

/// The definition, with deviations from the window's means, in long double: mean over the windows
/// whose centre has weight(y, x).
template <typename Weight>
std::optional<double> definition(const Pair& pair, double range, Weight&& weight) {
  using Real = long double;
  const Real c1 = std::pow(Real(0.01) * Real(range), 2), c2 = std::pow(Real(0.03) * Real(range), 2);
  Real sum = 0;
  int64_t windows = 0;
  for (int64_t y = 0; y + 7 <= pair.height; ++y) {
    for (int64_t x = 0; x + 7 <= pair.width; ++x) {
      if (!weight(y + 3, x + 3)) continue;
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
      ++windows;
    }
  }
  if (windows == 0) return std::nullopt;
  return static_cast<double>(sum / windows);
}

constexpr auto kEverywhere = [](int64_t, int64_t) { return true; };
constexpr double kTolerance = 1e-12;

TEST(Ssim, EqualsTheDefinition) {
  std::mt19937 random(1);
  for (int round = 0; round < 40; ++round) {
    const Pair pair = random_pair(random);
    const double range = range_of(pair);
    const double ssim = mean_ssim(pair.image_view(), pair.label_view(), range);
    EXPECT_NEAR(ssim, *definition(pair, range, kEverywhere), kTolerance)
        << pair.height << " x " << pair.width;
    EXPECT_EQ(mean_ssim(pair.image, pair.label, pair.height, pair.width, range), ssim);
  }
}

TEST(Ssim, MaskedMapIsThatOfTheProducts) {
  std::mt19937 random(2);
  for (int round = 0; round < 40; ++round) {
    const Pair pair = random_pair(random), product = multiplied(pair);
    const double range = range_of(pair);
    const double ssim = mean_ssim(pair.image_view(), pair.label_view(), range, pair.mask_view());
    EXPECT_NEAR(ssim, *definition(product, range, kEverywhere), kTolerance);
    EXPECT_NEAR(ssim, mean_ssim(product.image_view(), product.label_view(), range), 1e-14);
  }
}

TEST(Ssim, InsideTheMask) {
  std::mt19937 random(3);
  int empty = 0;
  for (int round = 0; round < 80; ++round) {
    const Pair pair = random_pair(random), product = multiplied(pair);
    const double range = range_of(pair);
    const auto expected = definition(product, range, [&](int64_t y, int64_t x) {
      return pair.mask[static_cast<size_t>(y * pair.width + x)] != 0;
    });
    const auto ssim =
        mean_ssim_inside(pair.image_view(), pair.label_view(), range, pair.mask_view());
    ASSERT_EQ(ssim.has_value(), expected.has_value());
    if (ssim) {
      EXPECT_NEAR(*ssim, *expected, kTolerance);
    }
    empty += !ssim;
  }
  EXPECT_GT(empty, 5);
  EXPECT_LT(empty, 40);
}

TEST(Ssim, MaskOfNoWindowsCentreCountsNothing) {
  std::mt19937 random(4);
  Pair pair = random_pair(20, 20, 1, random);
  // The outermost three pixels are no window's centre.
  for (int64_t y = 0; y < 20; ++y) {
    for (int64_t x = 0; x < 20; ++x) {
      pair.mask[static_cast<size_t>(y * 20 + x)] = std::min({y, x, 19 - y, 19 - x}) < 3;
    }
  }
  const auto inside = [&] {
    return mean_ssim_inside(pair.image_view(), pair.label_view(), 1, pair.mask_view());
  };
  EXPECT_EQ(inside(), std::nullopt);
  pair.mask[16 * 20 + 3] = 1;
  EXPECT_TRUE(inside().has_value());
}

TEST(Ssim, EmptyMaskComparesZeros) {
  std::mt19937 random(5);
  Pair pair = random_pair(90, 150, 1, random);
  std::fill(pair.mask.begin(), pair.mask.end(), 0);
  EXPECT_EQ(mean_ssim(pair.image_view(), pair.label_view(), 1, pair.mask_view()), 1);
}

TEST(Ssim, IdenticalImagesScoreOne) {
  std::mt19937 random(6);
  for (int round = 0; round < 40; ++round) {
    const Pair pair = random_pair(random);
    const ImageView label = pair.label_view();
    EXPECT_EQ(mean_ssim(label, label, range_of(pair)), 1);
    EXPECT_EQ(mean_ssim(label, label, range_of(pair), pair.mask_view()), 1);
    EXPECT_EQ(mean_ssim_inside(label, label, range_of(pair), pair.mask_view()).value_or(1), 1);
    EXPECT_LT(mean_ssim(pair.image_view(), label, range_of(pair)), 1);
  }
}

TEST(Ssim, SymmetricToTheBit) {
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    const Pair pair = random_pair(random);
    const ImageView a = pair.image_view(), b = pair.label_view();
    const MaskView mask = pair.mask_view();
    EXPECT_EQ(mean_ssim(a, b, 0.9), mean_ssim(b, a, 0.9));
    EXPECT_EQ(mean_ssim(a, b, 0.9, mask), mean_ssim(b, a, 0.9, mask));
    EXPECT_EQ(mean_ssim_inside(a, b, 0.9, mask), mean_ssim_inside(b, a, 0.9, mask));
  }
}

TEST(Ssim, BoxEqualsItsCopy) {
  std::mt19937 random(8);
  const Pair pair = random_pair(200, 190, 1e-3f, random);
  for (int round = 0; round < 60; ++round) {
    const auto below = [&](int64_t limit) { return static_cast<int64_t>(random()) % limit; };
    const int64_t height = 7 + below(190), width = 7 + below(180);
    const int64_t y = below(200 - height + 1), x = below(190 - width + 1);
    const auto copy = [&](const auto& values, auto& out) {
      for (int64_t v = y; v < y + height; ++v) {
        const auto row = values.begin() + v * 190 + x;
        out.insert(out.end(), row, row + width);
      }
    };
    Pair box{height, width, {}, {}, {}};
    copy(pair.image, box.image);
    copy(pair.label, box.label);
    copy(pair.mask, box.mask);
    const auto cut = [&](const auto& view) { return view.crop(y, x, height, width); };
    const ImageView image = cut(pair.image_view()), label = cut(pair.label_view());
    const MaskView mask = cut(pair.mask_view());
    EXPECT_EQ(mean_ssim(image, label, 1e-3), mean_ssim(box.image_view(), box.label_view(), 1e-3));
    EXPECT_EQ(mean_ssim(image, label, 1e-3, mask),
              mean_ssim(box.image_view(), box.label_view(), 1e-3, box.mask_view()));
    EXPECT_EQ(mean_ssim_inside(image, label, 1e-3, mask),
              mean_ssim_inside(box.image_view(), box.label_view(), 1e-3, box.mask_view()));
  }
}

TEST(Ssim, SameBitsOnEveryProcessor) {
  std::mt19937 random(9);
  for (int round = 0; round < 60; ++round) {
    const Pair pair = random_pair(random);
    const ImageView a = pair.image_view(), b = pair.label_view();
    const MaskView mask = pair.mask_view();
    EXPECT_EQ(mean_ssim(a, b, 0.9), mean_ssim(a, b, 0.9, {}, SsimCode::kPortable));
    EXPECT_EQ(mean_ssim(a, b, 0.9, mask), mean_ssim(a, b, 0.9, mask, SsimCode::kPortable));
    EXPECT_EQ(mean_ssim_inside(a, b, 0.9, mask),
              mean_ssim_inside(a, b, 0.9, mask, SsimCode::kPortable));
  }
}

// The same on every machine. Fails when a change moves the last bits of scores: then say so in the
// change log.
TEST(Ssim, BitsArePinned) {
  std::vector<float> image, label;
  for (int i = 0; i < 100 * 100; ++i) {
    image.push_back(static_cast<float>(i * 7919 % 1000) / 1024);
    label.push_back(static_cast<float>(i * 104729 % 1000) / 1024);
  }
  EXPECT_EQ(fmt::format("{:a}", mean_ssim(image, label, 100, 100, 0.97)), "-0x1.8e0bd941cd2b4p-4");
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
