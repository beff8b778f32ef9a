// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The label that k-space gives: root sum of squares of the coils' centred inverse Fourier
// transforms, cropped. Fast enough to look at every slice of a data set: only the rows and columns
// that the crop keeps are transformed, and neighbouring lines at once. Agrees with CentredFft, rss
// and centre_crop to float rounding.
#pragma once

#include <complex>
#include <cstdint>
#include <memory>
#include <span>

#include "challenge/dataset/fft.h"

namespace reconproof::challenge {

/// Longest side of a matrix that CroppedRss takes: a long prime costs its square.
inline constexpr int64_t kMaxMatrixSide = 4096;

/// For one slice at a time. Holds a few MiB; a thread needs one of its own.
class CroppedRss {
 public:
  /// Of k-space planes [height, width], each side 1 to kMaxMatrixSide, into images [size, size].
  CroppedRss(int64_t height, int64_t width, int64_t size);
  ~CroppedRss();
  CroppedRss(CroppedRss&&) noexcept;
  CroppedRss& operator=(CroppedRss&&) noexcept;

  int64_t height() const;
  int64_t width() const;

  /// Forgets all coils: the next slice begins.
  void begin();
  /// Adds a coil's k-space [height, width]. `mask` (width, 0 or 1): also for `masked_image`; empty
  /// where that is not wanted.
  void add_coil(std::span<const Complex> kspace, std::span<const float> mask = {});
  /// The image of the coils that were added, [size, size], and the same of masked k-space.
  void image(std::span<float> out) const;
  void masked_image(std::span<float> out) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace reconproof::challenge
