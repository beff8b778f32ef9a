// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/model/fft.h"

#include <torch/fft.h>

#include "baseline/shape.h"

namespace reconproof::baseline {
namespace {

constexpr const char* kOrthonormal = "ortho";
const std::vector<int64_t> kSpatial = {-2, -1};

}  // namespace

torch::Tensor fft2_centred(const torch::Tensor& image) {
  return torch::fft::fftshift(
      torch::fft::fft2(torch::fft::ifftshift(image, kSpatial), {}, kSpatial, kOrthonormal),
      kSpatial);
}

torch::Tensor ifft2_centred(const torch::Tensor& kspace) {
  return torch::fft::fftshift(
      torch::fft::ifft2(torch::fft::ifftshift(kspace, kSpatial), {}, kSpatial, kOrthonormal),
      kSpatial);
}

torch::Tensor multiply_pairs(const torch::Tensor& x, const torch::Tensor& y) {
  const torch::Tensor x_real = x.select(-1, 0), x_imag = x.select(-1, 1);
  const torch::Tensor y_real = y.select(-1, 0), y_imag = y.select(-1, 1);
  const torch::Tensor real = x_real * y_real - x_imag * y_imag;
  const torch::Tensor imag = x_real * y_imag + x_imag * y_real;
  return torch::stack({real, imag}, -1);
}

torch::Tensor conjugate_pairs(const torch::Tensor& x) {
  return torch::stack({x.select(-1, 0), -x.select(-1, 1)}, -1);
}

torch::Tensor root_sum_of_squares(const torch::Tensor& coils) {
  RP_CHECK_SHAPE(coils, torch::kComplexFloat, kAny, kAny, kAny, kAny);
  return torch::view_as_real(coils).square().sum(4).sum(1).sqrt();
}

}  // namespace reconproof::baseline
