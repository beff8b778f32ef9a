// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/fourier.h"

#include <cmath>
#include <numbers>
#include <utility>

namespace reconproof::baseline::engine {
namespace {

/// Fours first, since a four costs less than two twos.
std::vector<int64_t> factors_of(int64_t length) {
  std::vector<int64_t> factors;
  for (const int64_t radix : {4, 2, 3, 5}) {
    for (; length % radix == 0; length /= radix) factors.push_back(radix);
  }
  for (int64_t radix = 7; length > 1; radix += 2) {
    if (radix * radix > length) radix = length;
    for (; length % radix == 0; length /= radix) factors.push_back(radix);
  }
  return factors;
}

/// exp(sign 2 pi i k / n); k may be large.
void add_root(std::vector<float>& roots, int64_t k, int64_t n, int sign) {
  const double angle = 2 * std::numbers::pi * static_cast<double>(k % n) / static_cast<double>(n);
  roots.push_back(static_cast<float>(std::cos(angle)));
  roots.push_back(static_cast<float>(sign * std::sin(angle)));
}

}  // namespace

Fourier::Fourier(int64_t length, bool inverse, const Kernels& kernels)
    : length_(length), kernels_(kernels) {
  const int sign = inverse ? 1 : -1;
  int64_t left = length, step = 1;
  for (const int64_t radix : factors_of(length)) {
    Pass pass{radix, left / radix, step, {}, {}};
    for (int64_t group = 0; group < pass.groups; ++group)
      for (int64_t r = 1; r < radix; ++r) add_root(pass.twiddles, group * r, left, sign);
    for (int64_t k = 0; k < radix; ++k) add_root(pass.roots, k, radix, sign);
    left /= radix;
    step *= radix;
    passes_.push_back(std::move(pass));
  }
}

float* Fourier::run(float* values, float* scratch) const {
  for (const Pass& pass : passes_) {
    kernels_.fourier_pass({values, scratch, pass.radix, pass.groups, pass.step,
                           pass.twiddles.data(), pass.roots.data()});
    std::swap(values, scratch);
  }
  return values;
}

}  // namespace reconproof::baseline::engine
