// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Pictures of slices: 8-bit grey for images, a perceptual colour map for errors.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace reconproof::reports {

struct Rgb {
  uint8_t r = 0, g = 0, b = 0;
};

/// The colour map `inferno` (CC0, by N. Smith and S. van der Walt): its lightness grows evenly, so
/// it reads the same in grey print and with any colour vision. `level` 0 is black, 255 is pale
/// yellow.
Rgb error_colour(uint8_t level);

/// Values from 0 to `window` as 0 to 255; what lies outside, or is no number, is clamped.
std::string to_levels(std::span<const float> values, double window);

/// PNG files of [height, width] levels.
std::string png_grey(const std::string& levels, int64_t height, int64_t width);
std::string png_error_map(const std::string& levels, int64_t height, int64_t width);

/// "data:image/png;base64,..."
std::string data_uri(const std::string& png);

}  // namespace reconproof::reports
