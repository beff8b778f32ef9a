// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/fingerprint_sketch.h"

#include <algorithm>
#include <cmath>

#include "challenge/dataset/fft.h"
#include "system/error.h"

namespace reconproof::challenge {
namespace {

constexpr int kSketchSide = static_cast<int>(kFingerprintSide);
constexpr int kHighest = 15;  // frequency, in cycles over the fingerprint

/// Magnitude over the eight places that flips and quarter turns exchange.
float folded(const std::vector<Complex>& spectrum, int i, int j) {
  float sum = 0;
  const auto power = [&](int y, int x) {
    return std::norm(
        spectrum[static_cast<size_t>((kSketchSide / 2 + y) * kSketchSide + kSketchSide / 2 + x)]);
  };
  for (int sign_y : {-1, 1})
    for (int sign_x : {-1, 1}) sum += power(sign_y * i, sign_x * j) + power(sign_y * j, sign_x * i);
  return std::sqrt(sum);
}

}  // namespace

SliceSketch sketch(const SliceFingerprint& print, Detail detail) {
  SliceSketch result{};
  if (print.empty()) return result;
  static const CentredFft fft(kSketchSide, kSketchSide);
  const LocalContrast contrast = local_contrast(print, detail);
  std::vector<Complex> spectrum(contrast.value.begin(), contrast.value.end());
  fft.to_kspace(spectrum);
  // What all heads have in common is how the spectrum falls with frequency: each ring has mean 0.
  std::array<float, kHighest + 1> sums{}, counts{};
  std::array<int, kSketchSize> rings{};
  size_t size = 0;
  for (int i = 1; i <= kHighest; ++i) {
    for (int j = 0; j <= i; ++j) {
      const int ring = static_cast<int>(std::lround(std::sqrt(i * i + j * j)));
      if (ring > kHighest) continue;
      RP_ASSERT(size < kSketchSize);
      result[size] = std::log(folded(spectrum, i, j) + 1e-3f);
      rings[size] = ring;
      sums[static_cast<size_t>(ring)] += result[size];
      counts[static_cast<size_t>(ring)] += 1;
      ++size;
    }
  }
  float length = 0;
  for (size_t i = 0; i < size; ++i) {
    const size_t ring = static_cast<size_t>(rings[i]);
    result[i] -= sums[ring] / counts[ring];
    length += result[i] * result[i];
  }
  for (float& value : result) value = length > 0 ? value / std::sqrt(length) : 0;
  return result;
}

float likeness(const SliceSketch& a, const SliceSketch& b) {
  float sum = 0;
  for (size_t i = 0; i < kSketchSize; ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace reconproof::challenge
