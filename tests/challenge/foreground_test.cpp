// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/foreground.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace reconproof::challenge {
namespace {

struct Size {
  int64_t height, width;
  int64_t pixels() const { return height * width; }
};

/// Iterated 3 x 3 steps as OpenCV's: pixels beyond the border are never looked at.
std::vector<uint8_t> stepwise(std::vector<uint8_t> mask, Size size, bool erode, int times) {
  for (int t = 0; t < times; ++t) {
    std::vector<uint8_t> next(mask.size());
    for (int64_t y = 0; y < size.height; ++y) {
      for (int64_t x = 0; x < size.width; ++x) {
        bool all = true, any = false;
        for (int64_t v = std::max<int64_t>(0, y - 1); v <= std::min(size.height - 1, y + 1); ++v) {
          for (int64_t u = std::max<int64_t>(0, x - 1); u <= std::min(size.width - 1, x + 1); ++u) {
            const bool pixel = mask[static_cast<size_t>(v * size.width + u)] != 0;
            all = all && pixel;
            any = any || pixel;
          }
        }
        next[static_cast<size_t>(y * size.width + x)] = erode ? all : any;
      }
    }
    mask = next;
  }
  return mask;
}

std::vector<uint8_t> expected_mask(const std::vector<float>& label, Size size, float threshold) {
  std::vector<uint8_t> mask(label.size());
  for (size_t i = 0; i < label.size(); ++i) mask[i] = label[i] > threshold;
  return stepwise(stepwise(stepwise(mask, size, true, 1), size, false, 15), size, true, 14);
}

/// `density` of the squares of `grain` pixels a side are bright in one quarter of the image, a
/// tenth of that elsewhere.
std::vector<float> grains(Size size, int64_t grain, double density, std::mt19937& random) {
  std::vector<float> label(static_cast<size_t>(size.pixels()));
  const int64_t across = size.width / grain + 1, down = size.height / grain + 1;
  std::vector<float> values;
  for (int64_t i = 0; i < down * across; ++i) {
    const bool here = i / across < down / 2 && i % across < across / 2;
    values.push_back(random() % 10000 < density * (here ? 10000 : 1000) ? 1.f : 0.f);
  }
  for (int64_t y = 0; y < size.height; ++y) {
    for (int64_t x = 0; x < size.width; ++x) {
      label[static_cast<size_t>(y * size.width + x)] =
          values[static_cast<size_t>(y / grain * across + x / grain)];
    }
  }
  return label;
}

TEST(Foreground, EqualsIteratedSteps) {
  std::mt19937 random(5);
  const auto below = [&](int64_t limit) { return static_cast<int64_t>(random()) % limit; };
  int mixed = 0;  // cases that hold both foreground and background
  for (int round = 0; round < 150; ++round) {
    const Size size = {1 + below(round < 75 ? 40 : 150), 1 + below(round < 75 ? 40 : 150)};
    const int64_t grain = 1 + below(9);
    const double density = std::pow(static_cast<double>(below(1000)) / 1000, round % 2 ? 3 : 0.1);
    const std::vector<float> label = grains(size, grain, density, random);
    const std::vector<uint8_t> mask = foreground_mask(label, size.height, size.width, 0.5);
    ASSERT_EQ(mask, expected_mask(label, size, 0.5f))
        << size.height << " x " << size.width << ", grain " << grain << ", density " << density;
    mixed += std::count(mask.begin(), mask.end(), 1) % size.pixels() != 0;
  }
  EXPECT_GT(mixed, 30);
}

/// One bright square of 3 x 3, which survives the first erosion, in every place of a small image,
/// and its complement: whatever crosses a border or a word of rows.
TEST(Foreground, OneSpotAnywhere) {
  for (const Size size : {Size{35, 4}, Size{4, 35}, Size{70, 3}, Size{36, 36}}) {
    for (int64_t spot = 0; spot < size.pixels(); ++spot) {
      for (const float background : {0.f, 1.f}) {
        std::vector<float> label(static_cast<size_t>(size.pixels()), background);
        for (int64_t y = 0; y < size.height; ++y) {
          for (int64_t x = 0; x < size.width; ++x) {
            if (std::abs(y - spot / size.width) <= 1 && std::abs(x - spot % size.width) <= 1)
              label[static_cast<size_t>(y * size.width + x)] = 1 - background;
          }
        }
        ASSERT_EQ(foreground_mask(label, size.height, size.width, 0.5),
                  expected_mask(label, size, 0.5f))
            << size.height << " x " << size.width << ", spot " << spot;
      }
    }
  }
}

TEST(Foreground, SmallestImages) {
  EXPECT_EQ(foreground_mask(std::vector{1.f}, 1, 1, 0.5), std::vector<uint8_t>{1});
  EXPECT_EQ(foreground_mask(std::vector{0.5f}, 1, 1, 0.5), std::vector<uint8_t>{0});
  EXPECT_EQ(foreground_mask(std::vector<float>(500, 1), 1, 500, 0), std::vector<uint8_t>(500, 1));
  EXPECT_EQ(foreground_mask(std::vector<float>(500, 0), 500, 1, 0), std::vector<uint8_t>(500, 0));
}

TEST(Foreground, ComparesInFloat) {
  // The float nearest to 0.1 lies above 0.1, but is not above 0.1 as a float.
  const std::vector<float> label(9, 0.1f);
  ASSERT_GT(static_cast<double>(label[0]), 0.1);
  EXPECT_EQ(foreground_mask(label, 3, 3, 0.1), std::vector<uint8_t>(9, 0));
  const std::vector<float> above(9, std::nextafter(0.1f, 1.f));
  EXPECT_EQ(foreground_mask(above, 3, 3, 0.1), std::vector<uint8_t>(9, 1));
}

TEST(Foreground, NanIsBackground) {
  EXPECT_EQ(foreground_mask(std::vector<float>(9, NAN), 3, 3, 0), std::vector<uint8_t>(9, 0));
}

}  // namespace
}  // namespace reconproof::challenge
