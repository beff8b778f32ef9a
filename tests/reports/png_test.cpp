// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/png.h"

#include <gtest/gtest.h>
#include <png.h>

#include <cmath>
#include <limits>

namespace reconproof::reports {
namespace {

std::string decode(const std::string& png, png_uint_32 format, png_uint_32& height,
                   png_uint_32& width) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_TRUE(png_image_begin_read_from_memory(&image, png.data(), png.size())) << image.message;
  image.format = format;
  std::string pixels(PNG_IMAGE_SIZE(image), '\0');
  EXPECT_TRUE(png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr)) << image.message;
  height = image.height;
  width = image.width;
  return pixels;
}

std::string ramp(size_t count) {
  std::string levels;
  for (size_t i = 0; i < count; ++i) levels += static_cast<char>(i * 7 % 256);
  return levels;
}

TEST(Png, GreyRoundTrip) {
  const std::string levels = ramp(37 * 23);
  png_uint_32 height = 0, width = 0;
  EXPECT_EQ(decode(png_grey(levels, 37, 23), PNG_FORMAT_GRAY, height, width), levels);
  EXPECT_EQ(height, 37U);
  EXPECT_EQ(width, 23U);
}

TEST(Png, ErrorMapRoundTripInColour) {
  const std::string levels = ramp(16 * 17);
  png_uint_32 height = 0, width = 0;
  const std::string pixels = decode(png_error_map(levels, 16, 17), PNG_FORMAT_RGB, height, width);
  ASSERT_EQ(pixels.size(), levels.size() * 3);
  for (size_t i = 0; i < levels.size(); ++i) {
    const Rgb colour = error_colour(static_cast<uint8_t>(levels[i]));
    ASSERT_EQ(static_cast<uint8_t>(pixels[3 * i]), colour.r) << i;
    ASSERT_EQ(static_cast<uint8_t>(pixels[3 * i + 1]), colour.g) << i;
    ASSERT_EQ(static_cast<uint8_t>(pixels[3 * i + 2]), colour.b) << i;
  }
}

TEST(Png, OnePixel) {
  png_uint_32 height = 0, width = 0;
  EXPECT_EQ(decode(png_grey("\x80", 1, 1), PNG_FORMAT_GRAY, height, width), "\x80");
}

TEST(Png, ErrorColoursGrowLighter) {
  double before = -1;
  for (int level = 0; level <= 255; ++level) {
    const Rgb c = error_colour(static_cast<uint8_t>(level));
    const double lightness = 0.2126 * std::pow(c.r / 255.0, 2.2) +
                             0.7152 * std::pow(c.g / 255.0, 2.2) +
                             0.0722 * std::pow(c.b / 255.0, 2.2);
    EXPECT_GE(lightness, before - 1e-3) << level;
    before = lightness;
  }
  EXPECT_GT(before, 0.9);
}

TEST(Png, LevelsAreClampedToTheWindow) {
  const float nan = std::numeric_limits<float>::quiet_NaN(),
              infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> values = {0, 1, 2, 4, -1, nan, infinity, -infinity};
  const std::string levels = to_levels(values, 2);
  const std::vector<int> expected = {0, 128, 255, 255, 0, 0, 255, 0};
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(static_cast<uint8_t>(levels[i]), expected[i]) << i;
  }
}

TEST(Png, DataUriIsBase64) {
  EXPECT_EQ(data_uri("Man"), "data:image/png;base64,TWFu");
  EXPECT_EQ(data_uri("Ma"), "data:image/png;base64,TWE=");
  EXPECT_EQ(data_uri("M"), "data:image/png;base64,TQ==");
}

}  // namespace
}  // namespace reconproof::reports
