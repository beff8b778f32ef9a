// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/cropped_rss.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace reconproof::challenge {
namespace {

constexpr int64_t kSize = 48, kCoils = 3;

std::vector<Complex> noise(int64_t count) {
  std::mt19937 generator(7);
  std::normal_distribution<float> normal;
  std::vector<Complex> values(static_cast<size_t>(count));
  for (Complex& value : values) value = {normal(generator), normal(generator)};
  return values;
}

/// The same by the whole transform.
std::vector<float> reference(std::vector<Complex> kspace, int64_t height, int64_t width) {
  CentredFft(height, width).to_image(kspace);
  return centre_crop(rss(kspace, kCoils), height, width, kSize);
}

void expect_near(const std::vector<float>& image, const std::vector<float>& expected) {
  const float most = *std::ranges::max_element(expected);
  for (size_t i = 0; i < image.size(); ++i)
    ASSERT_NEAR(image[i], expected[i], 3e-6F * most) << "pixel " << i;
}

struct Matrix {
  int64_t height, width;
};

class CroppedRssOf : public testing::TestWithParam<Matrix> {};

// Larger and smaller than the crop, odd, not a multiple of the lanes, with large prime factors.
INSTANTIATE_TEST_SUITE_P(Sizes, CroppedRssOf,
                         testing::Values(Matrix{96, 66}, Matrix{64, 31}, Matrix{63, 62},
                                         Matrix{37, 99}, Matrix{46, 46}, Matrix{1, 1},
                                         Matrix{2, 97}, Matrix{48, 48}, Matrix{77, 130}));

TEST_P(CroppedRssOf, AgreesWithTheWholeTransform) {
  const auto [height, width] = GetParam();
  const size_t plane = static_cast<size_t>(height * width);
  std::vector<Complex> kspace = noise(kCoils * height * width);
  std::vector<float> mask(static_cast<size_t>(width));
  for (size_t x = 0; x < mask.size(); x += 3) mask[x] = 1;

  CroppedRss rss(height, width, kSize);
  std::vector<float> image(kSize * kSize), masked(image.size());
  for (int repeat = 0; repeat < 2; ++repeat) {  // nothing of a slice may stay for the next
    rss.begin();
    for (size_t coil = 0; coil < kCoils; ++coil)
      rss.add_coil(std::span(kspace).subspan(coil * plane, plane), mask);
    rss.image(image);
    rss.masked_image(masked);
  }
  expect_near(image, reference(kspace, height, width));
  for (size_t i = 0; i < kspace.size(); ++i)
    if (mask[i % mask.size()] == 0) kspace[i] = 0;
  expect_near(masked, reference(kspace, height, width));
}

}  // namespace
}  // namespace reconproof::challenge
