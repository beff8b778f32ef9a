// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/foreground.h"

#include <algorithm>

#include "system/error.h"

namespace reconproof::challenge {
namespace {

/// One line of a dilation by a window of 2 * radius + 1, in place: out[i] is 1 when any of the
/// window is. Pixels beyond the ends never count.
void dilate_line(uint8_t* line, int64_t length, int64_t stride, int64_t radius,
                 std::vector<uint8_t>& scratch) {
  int64_t inside = 0;  // ones in the current window
  const auto at = [&](int64_t i) -> uint8_t& { return line[i * stride]; };
  for (int64_t i = 0; i < length; ++i) scratch[static_cast<size_t>(i)] = at(i);
  for (int64_t i = 0; i < std::min(radius, length); ++i) inside += scratch[static_cast<size_t>(i)];
  for (int64_t i = 0; i < length; ++i) {
    if (i + radius < length) inside += scratch[static_cast<size_t>(i + radius)];
    at(i) = inside > 0;
    if (i - radius >= 0) inside -= scratch[static_cast<size_t>(i - radius)];
  }
}

/// n dilations by a 3 x 3 square are one by a square of 2n + 1, and a square separates into lines.
void dilate(std::vector<uint8_t>& mask, int64_t height, int64_t width, int64_t times) {
  std::vector<uint8_t> scratch(static_cast<size_t>(std::max(height, width)));
  for (int64_t y = 0; y < height; ++y)
    dilate_line(&mask[static_cast<size_t>(y * width)], width, 1, times, scratch);
  for (int64_t x = 0; x < width; ++x)
    dilate_line(&mask[static_cast<size_t>(x)], height, width, times, scratch);
}

/// Erosion is dilation of the complement; the border then counts as foreground by itself.
void erode(std::vector<uint8_t>& mask, int64_t height, int64_t width, int64_t times) {
  for (uint8_t& pixel : mask) pixel = !pixel;
  dilate(mask, height, width, times);
  for (uint8_t& pixel : mask) pixel = !pixel;
}

}  // namespace

std::vector<uint8_t> foreground_mask(std::span<const float> label, int64_t height, int64_t width,
                                     double threshold) {
  RP_ASSERT(static_cast<int64_t>(label.size()) == height * width);
  std::vector<uint8_t> mask(label.size());
  // NumPy compares a float32 array with a Python float in float32.
  const float limit = static_cast<float>(threshold);
  for (size_t i = 0; i < label.size(); ++i) mask[i] = label[i] > limit;
  erode(mask, height, width, 1);
  dilate(mask, height, width, 15);
  erode(mask, height, width, 14);
  return mask;
}

}  // namespace reconproof::challenge
