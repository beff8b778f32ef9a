// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What lies beside each other for every coil, and the steps of a VarNet that go coil by coil.
#pragma once

#include <complex>

#include "baseline/engine/arena.h"
#include "baseline/engine/sampled_fourier.h"

namespace reconproof::baseline::engine {

/// One slice.
struct Slice {
  const std::complex<float>* kspace;  // [coils][rows][columns], zero where the mask is
  const float* mask;                  // [columns] of 0 and 1
  int64_t coils, rows, columns;
};

/// Columns that the sensitivities are made of (find_acs).
struct AcsColumns {
  int64_t begin, end;
};

/// Part of an image.
struct Window {
  int64_t top, left, rows, columns;
};

/// Complex images, one a coil, their parts apart. Owns nothing.
struct CoilImages {
  float* data = nullptr;
  int64_t coils = 0, pixels = 0;  // of a part, rounded up

  static CoilImages of(int64_t coils, int64_t pixels) {
    return {nullptr, coils, round_up(pixels, kAlignment)};
  }
  int64_t floats() const { return 2 * coils * pixels; }
  float* re(int64_t coil) const { return data + 2 * coil * pixels; }
  float* im(int64_t coil) const { return re(coil) + pixels; }
  MutableCoils from(int64_t pixel) const { return {re(0) + pixel, im(0) + pixel}; }
};

/// `count` pixels of all coils.
inline CoilPixels coil_pixels(const CoilImages& images, const CoilImages& maps, int64_t at,
                              int64_t count) {
  return {images.re(0) + at,
          images.im(0) + at,
          maps.re(0) + at,
          maps.im(0) + at,
          images.coils,
          2 * images.pixels,
          count};
}

/// `work(begin, count)` for ranges of an image's pixels.
void for_pixels(Team& team, int64_t pixels,
                const std::function<void(int64_t begin, int64_t count)>& work);

/// The transform for a mask.
SampledFourier fourier_for(const Slice& slice, const Kernels& kernels);

/// image -= weight * F^-1(F image - measured) at the sampled columns. `columns`, `measured`: of
/// columns_floats().
void make_consistent(const SampledFourier& fourier, const Kernels& kernels, const float* measured,
                     float weight, float* re, float* im, float* columns, float* scratch);

}  // namespace reconproof::baseline::engine
