// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Fourier transforms between k-space and image as the challenge's code defines them: centred (zero
// frequency in the middle, n / 2) and orthonormal. numpy: fftshift(fft2(ifftshift(x),
// norm="ortho")), for any size.
#pragma once

#include <complex>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace reconproof::challenge {

using Complex = std::complex<float>;

/// Plans for one matrix size. Constant after construction: any number of threads may share one.
class CentredFft {
 public:
  CentredFft(int64_t height, int64_t width);
  ~CentredFft();
  CentredFft(CentredFft&&) noexcept;
  CentredFft& operator=(CentredFft&&) noexcept;

  /// In place, each of the `batch` images of data [batch, height, width].
  void to_kspace(std::span<Complex> data) const;
  void to_image(std::span<Complex> data) const;

 private:
  struct Plans;
  std::unique_ptr<Plans> plans_;
};

/// Root of the sum of squares over the coils of images [coils, height, width] -> [height, width].
std::vector<float> rss(std::span<const Complex> images, int64_t coils);

/// The central size x size part of an image [height, width]; a side that is too short is padded
/// with zeros. The odd pixel goes after the image, as in the official center_crop of 2025.
std::vector<float> centre_crop(std::span<const float> image, int64_t height, int64_t width,
                               int64_t size);

}  // namespace reconproof::challenge
