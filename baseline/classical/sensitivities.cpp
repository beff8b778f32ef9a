// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/classical/sensitivities.h"

#include <algorithm>
#include <cmath>

#include "baseline/classical/sampling.h"
#include "baseline/model/fft.h"
#include "baseline/shape.h"
#include "system/error.h"

namespace reconproof::baseline {
namespace {

constexpr int64_t kFewestColumns = 4;
// Sensitivities are smooth: more of k-space would only add noise.
constexpr int64_t kMostColumns = 32;
constexpr double kAir = 0.02;  // of the maximum of the low-resolution image

/// [extent] f32: a Hann window from `begin` to before `end`, zero outside.
torch::Tensor hann(int64_t extent, int64_t begin, int64_t end) {
  const int64_t count = end - begin;
  const torch::Tensor place = (torch::arange(count, torch::kDouble) + 0.5) / count;
  torch::Tensor window = torch::zeros(extent);
  window.slice(0, begin, end).copy_((place * M_PI).sin().square());
  return window;
}

}  // namespace

torch::Tensor sensitivities(const torch::Tensor& kspace, const torch::Tensor& mask) {
  RP_CHECK_SHAPE(kspace, torch::kComplexFloat, 1, kAny, kAny, kAny);
  RP_CHECK_SHAPE(mask, torch::kFloat, kspace.size(3));
  const Acs whole = contiguous_acs(mask);
  if (whole.end - whole.begin < kFewestColumns) {
    system::fail(system::Code::kUnsupported,
                 "coil sensitivities need an ACS (columns sampled without a gap around column {}) "
                 "of {} columns or more, found {}; give --maps FILE.npy, or use --method "
                 "zero-filled",
                 kspace.size(3) / 2, kFewestColumns, whole.end - whole.begin);
  }
  const Acs acs = middle_of(whole, kMostColumns);
  const int64_t height = kspace.size(2), width = kspace.size(3);
  // As many of all rows as of all columns: the resolution is the same both ways.
  const int64_t rows = std::clamp((acs.end - acs.begin) * height / width, int64_t{1}, height);
  const int64_t top = height / 2 - rows / 2;
  const torch::Tensor window =
      hann(height, top, top + rows).unsqueeze(1) * hann(width, acs.begin, acs.end);
  const torch::Tensor images = ifft2_centred(kspace * window);
  const torch::Tensor magnitude = root_sum_of_squares(images).unsqueeze(1);
  const torch::Tensor inside = magnitude > kAir * magnitude.max();
  // Air is divided by one, then zeroed: 0/0 would be NaN.
  return images / torch::where(inside, magnitude, torch::ones_like(magnitude)) * inside;
}

}  // namespace reconproof::baseline
