// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Random images to compare, for the tests of both kinds of SSIM.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "challenge/score/ssim.h"

namespace reconproof::challenge {

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
inline Pair random_pair(int64_t height, int64_t width, float peak, std::mt19937& random) {
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
  if (random() % 8 == 0) std::fill(pair.mask.begin(), pair.mask.end(), 1);
  return pair;
}

/// Sizes from one window to more than two strips, and many tiles, of the implementations.
inline Pair random_pair(std::mt19937& random) {
  const auto side = [&] { return 7 + static_cast<int64_t>(random() % (random() % 2 ? 20 : 164)); };
  const int64_t height = side(), width = side();
  const float peaks[] = {1e-4f, 1.f, 3e3f};
  return random_pair(height, width, peaks[random() % 3], random);
}

inline double range_of(const Pair& pair) {
  return static_cast<double>(*std::max_element(pair.label.begin(), pair.label.end()));
}

/// A rectangle of an image, as View::crop takes it.
struct Rectangle {
  int64_t y, x, height, width;

  template <typename T>
  View<T> of(const View<T>& view) const {
    return view.crop(y, x, height, width);
  }
};

/// At least 7 x 7, inside the pair.
inline Rectangle random_rectangle(const Pair& pair, std::mt19937& random) {
  const auto below = [&](int64_t limit) { return static_cast<int64_t>(random()) % limit; };
  const int64_t height = 7 + below(pair.height - 6), width = 7 + below(pair.width - 6);
  return {below(pair.height - height + 1), below(pair.width - width + 1), height, width};
}

/// The rectangle's pixels alone.
inline Pair copied(const Pair& pair, const Rectangle& rectangle) {
  const auto copy = [&](const auto& view, auto& out) {
    for (int64_t y = 0; y < view.height; ++y)
      out.insert(out.end(), view.row(y), view.row(y) + view.width);
  };
  Pair box{rectangle.height, rectangle.width, {}, {}, {}};
  copy(rectangle.of(pair.image_view()), box.image);
  copy(rectangle.of(pair.label_view()), box.label);
  copy(rectangle.of(pair.mask_view()), box.mask);
  return box;
}

/// Pixels without a pattern that a window could see, with the same bits on every machine: 100 x
/// 100.
inline Pair pinned_pair() {
  Pair pair{100, 100, {}, {}, {}};
  for (int i = 0; i < 100 * 100; ++i) {
    pair.image.push_back(static_cast<float>(i * 7919 % 1000) / 1024);
    pair.label.push_back(static_cast<float>(i * 104729 % 1000) / 1024);
    pair.mask.push_back(i / 100 > 20 && i % 100 < 20 + i / 100);
  }
  return pair;
}

}  // namespace reconproof::challenge
