// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/foreground.h"

#include <algorithm>

#include "system/error.h"

namespace reconproof::challenge {
namespace {

constexpr int64_t kErode = 1, kDilate = 15, kErodeBack = 14;
constexpr int64_t kDrift = kErode + kDilate + kErodeBack;

/// A mask with 32 rows in a word: bit y % 32 of word [y / 32][x]. Each window is anchored at its
/// upper left corner, so every pass moves the image up and left by its radius; it starts kDrift
/// pixels from the corner and ends in it. Below and right, windows are cut at the end.
class Bitmap {
 public:
  Bitmap(int64_t height, int64_t width)
      : height_(height),
        width_(width),
        columns_(width + kDrift),
        word_rows_((height + kDrift) / kBits + 2),  // the last stays 0: what is below the end
        words_(static_cast<size_t>(word_rows_ * columns_)) {}

  /// Fills in the pixels above `limit`.
  void set_above(const float* label, float limit) {
    for (int64_t y = 0; y < height_; ++y) {
      uint32_t* __restrict row = words((y + offset_) / kBits) + offset_;
      const uint32_t bit = uint32_t{1} << ((y + offset_) % kBits);
      for (int64_t x = 0; x < width_; ++x) row[x] |= label[y * width_ + x] > limit ? bit : 0;
    }
  }

  /// n dilations by a 3 x 3 square are one by a square of 2n + 1, which separates into lines.
  void dilate(int64_t times) {
    clear_outside(false);
    widen(times);
  }

  /// Erosion is dilation of the complement; the border then counts as foreground by itself.
  void erode(int64_t times) {
    clear_outside(true);
    widen(times);
    clear_outside(true);
  }

  void write(uint8_t* mask) const {
    for (int64_t y = 0; y < height_; ++y) {
      const uint32_t* __restrict row = words((y + offset_) / kBits) + offset_;
      uint8_t* __restrict out = mask + y * width_;
      const int64_t bit = (y + offset_) % kBits;
      for (int64_t x = 0; x < width_; ++x) out[x] = static_cast<uint8_t>((row[x] >> bit) & 1);
    }
  }

 private:
  static constexpr int64_t kBits = 32;

  uint32_t* words(int64_t word_row) { return words_.data() + word_row * columns_; }
  const uint32_t* words(int64_t word_row) const { return words_.data() + word_row * columns_; }

  /// Everything but the image becomes 0, and the image its complement if asked.
  void clear_outside(bool complement) {
    for (int64_t i = 0; i < word_rows_; ++i) {
      const uint32_t inside =
          low_bits(offset_ + height_ - i * kBits) & ~low_bits(offset_ - i * kBits);
      const uint32_t flip = complement ? inside : 0;
      uint32_t* __restrict row = words(i);
      std::fill(row, row + offset_, 0);
      for (int64_t x = offset_; x < offset_ + width_; ++x) row[x] = (row[x] & inside) ^ flip;
      std::fill(row + offset_ + width_, row + columns_, 0);
    }
  }

  static uint32_t low_bits(int64_t count) {
    return count <= 0 ? 0 : count >= kBits ? ~uint32_t{0} : (uint32_t{1} << count) - 1;
  }

  /// Each pixel becomes 1 when any of the square of 2 * radius + 1 is. Windows grow by doubling;
  /// one that is cut at the end by the next step has reached the end before it.
  void widen(int64_t radius) {
    const int64_t window = 2 * radius + 1;
    for (int64_t covered = 1; covered < window;) {
      const int64_t step = std::min(covered, window - covered);
      or_below(step);
      or_right(step);
      covered += step;
    }
    offset_ -= radius;
  }

  void or_below(int64_t step) {
    for (int64_t i = 0; i + 1 < word_rows_; ++i) {
      uint32_t* __restrict row = words(i);
      const uint32_t* __restrict below = words(i + 1);
      for (int64_t x = 0; x < columns_; ++x)
        row[x] |= (row[x] >> step) | (below[x] << (kBits - step));
    }
  }

  void or_right(int64_t step) {
    for (int64_t i = 0; i + 1 < word_rows_; ++i) {
      uint32_t* row = words(i);
      // Only words to the right are read, before they are written: vectors do no harm.
#pragma GCC ivdep
      for (int64_t x = 0; x < columns_ - step; ++x) row[x] |= row[x + step];
    }
  }

  int64_t height_, width_, columns_, word_rows_, offset_ = kDrift;
  std::vector<uint32_t> words_;
};

}  // namespace

void foreground_mask(std::span<const float> label, int64_t height, int64_t width, double threshold,
                     std::span<uint8_t> mask) {
  RP_ASSERT(height >= 1 && width >= 1 && mask.size() == label.size());
  RP_ASSERT(static_cast<int64_t>(label.size()) == height * width);
  Bitmap bitmap(height, width);
  // NumPy compares a float32 array with a Python float in float32.
  bitmap.set_above(label.data(), static_cast<float>(threshold));
  bitmap.erode(kErode);
  bitmap.dilate(kDilate);
  bitmap.erode(kErodeBack);
  bitmap.write(mask.data());
}

std::vector<uint8_t> foreground_mask(std::span<const float> label, int64_t height, int64_t width,
                                     double threshold) {
  std::vector<uint8_t> mask(label.size());
  foreground_mask(label, height, width, threshold, mask);
  return mask;
}

}  // namespace reconproof::challenge
