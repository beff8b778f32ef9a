// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/fft.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>
#include <thread>

#include "challenge/dataset/random.h"

namespace reconproof::challenge {
namespace {

using Complex64 = std::complex<double>;

std::vector<Complex> random_image(int64_t count, int64_t key = 0) {
  Random random(7, {key});
  std::vector<Complex> image(count);
  for (Complex& value : image) {
    const float real = static_cast<float>(random.normal()),
                imaginary = static_cast<float>(random.normal());
    value = {real, imaginary};
  }
  return image;
}

/// The definition, one frequency after the other: indices count from the middle.
std::vector<Complex64> naive_dft(const std::vector<Complex>& image, int64_t height, int64_t width,
                                 int sign) {
  std::vector<Complex64> result(image.size());
  for (int64_t ky = 0; ky < height; ++ky) {
    for (int64_t kx = 0; kx < width; ++kx) {
      Complex64 sum = 0;
      for (int64_t y = 0; y < height; ++y) {
        for (int64_t x = 0; x < width; ++x) {
          const double turns =
              static_cast<double>((ky - height / 2) * (y - height / 2)) /
                  static_cast<double>(height) +
              static_cast<double>((kx - width / 2) * (x - width / 2)) / static_cast<double>(width);
          sum += Complex64(image[y * width + x]) *
                 std::polar(1.0, sign * 2 * std::numbers::pi * turns);
        }
      }
      result[ky * width + kx] = sum / std::sqrt(static_cast<double>(height * width));
    }
  }
  return result;
}

template <typename T>
double relative_error(const std::vector<Complex>& found, const std::vector<T>& expected) {
  double error = 0, norm = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    error += std::norm(Complex64(found[i]) - Complex64(expected[i]));
    norm += std::norm(Complex64(expected[i]));
  }
  return std::sqrt(error / norm);
}

class FftSizes : public testing::TestWithParam<std::pair<int64_t, int64_t>> {};

TEST_P(FftSizes, EqualsTheDefinition) {
  const auto [height, width] = GetParam();
  const CentredFft fft(height, width);
  const std::vector<Complex> image = random_image(height * width);
  std::vector<Complex> kspace = image, back = image;
  fft.to_kspace(kspace);
  fft.to_image(back);
  EXPECT_LE(relative_error(kspace, naive_dft(image, height, width, -1)), 1e-6);
  EXPECT_LE(relative_error(back, naive_dft(image, height, width, 1)), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Sizes, FftSizes,
                         testing::Values(std::pair(1, 1), std::pair(1, 6), std::pair(5, 1),
                                         std::pair(2, 3), std::pair(8, 6), std::pair(7, 5),
                                         std::pair(12, 9), std::pair(13, 11), std::pair(31, 37),
                                         std::pair(32, 27), std::pair(22, 41), std::pair(64, 54)));

TEST(Fft, RoundTripReturnsTheImage) {
  for (const auto& [height, width] :
       {std::pair(256, 216), std::pair(394, 393), std::pair(101, 127)}) {
    const CentredFft fft(height, width);
    const std::vector<Complex> image = random_image(2 * height * width);
    std::vector<Complex> copy = image;
    fft.to_kspace(copy);
    EXPECT_GT(relative_error(copy, image), 0.5);
    fft.to_image(copy);
    EXPECT_LE(relative_error(copy, image), 2e-6) << height << " x " << width;
  }
}

TEST(Fft, ConstantImageBecomesThePointInTheMiddle) {
  for (const auto& [height, width] : {std::pair(6, 8), std::pair(7, 9)}) {
    std::vector<Complex> image(height * width, Complex(1));
    CentredFft(height, width).to_kspace(image);
    for (int64_t i = 0; i < height * width; ++i) {
      const bool middle = i == height / 2 * width + width / 2;
      EXPECT_NEAR(std::abs(image[i]), middle ? std::sqrt(static_cast<double>(height * width)) : 0,
                  1e-5)
          << i;
    }
  }
}

TEST(Fft, ImagesOfABatchAreIndependent) {
  const CentredFft fft(9, 8);
  std::vector<Complex> batch = random_image(3 * 72),
                       second(batch.begin() + 72, batch.begin() + 144);
  fft.to_kspace(batch);
  fft.to_kspace(second);
  EXPECT_TRUE(std::equal(second.begin(), second.end(), batch.begin() + 72));
}

TEST(Fft, ThreadsMayShareAPlan) {
  const CentredFft fft(61, 48);  // 61: the radix that needs scratch memory
  std::vector<std::vector<Complex>> results(4, random_image(61 * 48));
  std::vector<std::thread> threads;
  for (std::vector<Complex>& result : results) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) i % 2 ? fft.to_image(result) : fft.to_kspace(result);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_EQ(result, results[0]);
}

TEST(Rss, IsTheRootOfTheSumOfSquares) {
  const std::vector<Complex> images = {{3, 0}, {1, 1}, {0, 4}, {1, 1}};
  EXPECT_EQ(rss(images, 2), (std::vector<float>{5, 2}));
}

TEST(CentreCrop, CutsAndPadsLikeTheOfficialCode) {
  std::vector<float> image(4 * 5);
  std::iota(image.begin(), image.end(), 0.f);
  EXPECT_EQ(centre_crop(image, 4, 5, 2), (std::vector<float>{6, 7, 11, 12}));
  EXPECT_EQ(centre_crop(std::vector<float>{1, 2}, 1, 2, 4),
            (std::vector<float>{0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  // One side padded (the odd pixel after the image), the other cut (the odd pixel from its end).
  EXPECT_EQ(centre_crop(std::vector<float>{1, 2, 3, 4, 5}, 1, 5, 2),
            (std::vector<float>{2, 3, 0, 0}));
}

}  // namespace
}  // namespace reconproof::challenge
