// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/png.h"

#include <png.h>

#include <algorithm>
#include <cmath>

#include "system/base64.h"
#include "system/error.h"

namespace reconproof::reports {
namespace {

using system::Code;
using system::fail;

// Every 16th entry of inferno; between them the map is close to straight.
constexpr std::array<Rgb, 17> kInferno = {{{0, 0, 4},
                                           {11, 7, 36},
                                           {33, 12, 74},
                                           {61, 9, 101},
                                           {87, 16, 110},
                                           {113, 25, 110},
                                           {138, 34, 106},
                                           {163, 44, 97},
                                           {188, 55, 84},
                                           {210, 70, 68},
                                           {228, 90, 49},
                                           {241, 115, 29},
                                           {249, 142, 9},
                                           {252, 172, 17},
                                           {249, 203, 53},
                                           {242, 234, 105},
                                           {252, 255, 164}}};

std::string encode(png_image& image, const std::string& levels, const void* palette) {
  png_alloc_size_t size = 0;
  if (!png_image_write_to_memory(&image, nullptr, &size, 0, levels.data(), 0, palette)) {
    fail(Code::kInternal, "cannot encode a PNG image: {}", image.message);
  }
  std::string png(size, '\0');
  if (!png_image_write_to_memory(&image, png.data(), &size, 0, levels.data(), 0, palette)) {
    fail(Code::kInternal, "cannot encode a PNG image: {}", image.message);
  }
  png.resize(size);
  return png;
}

png_image describe(const std::string& levels, int64_t height, int64_t width, png_uint_32 format) {
  RP_ASSERT(height > 0 && width > 0 && static_cast<int64_t>(levels.size()) == height * width);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = format;
  return image;
}

}  // namespace

Rgb error_colour(uint8_t level) {
  const double place = level / 255.0 * (kInferno.size() - 1);
  const size_t below = std::min(static_cast<size_t>(place), kInferno.size() - 2);
  const double share = place - static_cast<double>(below);
  const auto mix = [&](uint8_t a, uint8_t b) {
    return static_cast<uint8_t>(std::lround(a + (b - a) * share));
  };
  const Rgb &a = kInferno[below], &b = kInferno[below + 1];
  return {mix(a.r, b.r), mix(a.g, b.g), mix(a.b, b.b)};
}

std::string to_levels(std::span<const float> values, double window) {
  RP_ASSERT(window > 0);
  std::string levels;
  levels.reserve(values.size());
  for (float value : values) {
    const double share = std::isnan(value) ? 0 : std::clamp(value / window, 0.0, 1.0);
    levels += static_cast<char>(std::lround(share * 255));
  }
  return levels;
}

std::string png_grey(const std::string& levels, int64_t height, int64_t width) {
  png_image image = describe(levels, height, width, PNG_FORMAT_GRAY);
  return encode(image, levels, nullptr);
}

std::string png_error_map(const std::string& levels, int64_t height, int64_t width) {
  png_image image = describe(levels, height, width, PNG_FORMAT_RGB_COLORMAP);
  image.colormap_entries = 256;
  std::array<Rgb, 256> palette;
  for (int level = 0; level < 256; ++level)
    palette[static_cast<size_t>(level)] = error_colour(static_cast<uint8_t>(level));
  static_assert(sizeof palette == 3 * 256);
  return encode(image, levels, palette.data());
}

std::string data_uri(const std::string& png) {
  return "data:image/png;base64," + system::base64_encode(png);
}

}  // namespace reconproof::reports
