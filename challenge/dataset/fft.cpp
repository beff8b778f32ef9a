// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/fft.h"

#include <kiss_fft.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <new>

#include "system/error.h"

namespace reconproof::challenge {
namespace {

static_assert(sizeof(kiss_fft_cpx) == sizeof(Complex) && std::is_same_v<kiss_fft_scalar, float>,
              "link kissfft-float");

/// One length, both directions.
class LinePlan {
 public:
  explicit LinePlan(int64_t length)
      : length_(length), forward_(allocate(length, 0)), inverse_(allocate(length, 1)) {}

  /// `line` holds `length` values with the zero frequency (or the centre pixel) at length / 2; so
  /// does the result. `work` is as long.
  void run(bool inverse, Complex* line, Complex* work) const {
    // ifftshift brings the centre to index 0 and fftshift brings it back: the same rotation undone,
    // also for odd lengths, where the two differ by one.
    std::rotate_copy(line, line + length_ / 2, line + length_, work);
    kiss_fft(inverse ? inverse_.get() : forward_.get(), reinterpret_cast<const kiss_fft_cpx*>(work),
             reinterpret_cast<kiss_fft_cpx*>(line));
    std::rotate(line, line + (length_ - length_ / 2), line + length_);
  }

 private:
  using Plan = std::unique_ptr<kiss_fft_state, decltype(&std::free)>;
  static Plan allocate(int64_t length, int inverse) {
    kiss_fft_cfg plan = kiss_fft_alloc(static_cast<int>(length), inverse, nullptr, nullptr);
    if (!plan) throw std::bad_alloc();
    return Plan(plan, &std::free);
  }

  int64_t length_;
  Plan forward_, inverse_;
};

}  // namespace

struct CentredFft::Plans {
  Plans(int64_t h, int64_t w) : height(h), width(w), row(w), column(h) {}

  void transform(bool inverse, std::span<Complex> data) const {
    RP_ASSERT(data.size() % (height * width) == 0);
    for (size_t start = 0; start < data.size(); start += height * width) {
      transform_one(inverse, data.data() + start);
    }
  }

  void transform_one(bool inverse, Complex* image) const {
    std::vector<Complex> work(std::max(height, width)), line(kBlock * height);
    const float scale = 1.0f / std::sqrt(static_cast<float>(height * width));
    for (int64_t y = 0; y < height; ++y) row.run(inverse, image + y * width, work.data());
    // Neighbouring columns share cache lines: a few are gathered at a time.
    for (int64_t x0 = 0; x0 < width; x0 += kBlock) {
      const int64_t columns = std::min(kBlock, width - x0);
      for (int64_t y = 0; y < height; ++y) {
        for (int64_t x = 0; x < columns; ++x)
          line[x * height + y] = image[y * width + x0 + x] * scale;
      }
      for (int64_t x = 0; x < columns; ++x) column.run(inverse, &line[x * height], work.data());
      for (int64_t y = 0; y < height; ++y) {
        for (int64_t x = 0; x < columns; ++x) image[y * width + x0 + x] = line[x * height + y];
      }
    }
  }

  static constexpr int64_t kBlock = 8;
  int64_t height, width;
  LinePlan row, column;
};

CentredFft::CentredFft(int64_t height, int64_t width) {
  RP_ASSERT(height > 0 && width > 0);
  plans_ = std::make_unique<Plans>(height, width);
}
CentredFft::~CentredFft() = default;
CentredFft::CentredFft(CentredFft&&) noexcept = default;
CentredFft& CentredFft::operator=(CentredFft&&) noexcept = default;

void CentredFft::to_kspace(std::span<Complex> data) const { plans_->transform(false, data); }
void CentredFft::to_image(std::span<Complex> data) const { plans_->transform(true, data); }

std::vector<float> rss(std::span<const Complex> images, int64_t coils) {
  RP_ASSERT(coils > 0 && images.size() % coils == 0);
  std::vector<float> sum(images.size() / coils, 0.0f);
  for (int64_t coil = 0; coil < coils; ++coil) {
    const Complex* image = images.data() + coil * sum.size();
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += std::norm(image[i]);
  }
  for (float& value : sum) value = std::sqrt(value);
  return sum;
}

std::vector<float> centre_crop(std::span<const float> image, int64_t height, int64_t width,
                               int64_t size) {
  RP_ASSERT(static_cast<int64_t>(image.size()) == height * width && size > 0);
  std::vector<float> cropped(size * size, 0.0f);
  // One of the two is zero: where the copied part starts in the source, and where in the result.
  const int64_t from_y = std::max<int64_t>(0, height - size) / 2,
                to_y = std::max<int64_t>(0, size - height) / 2;
  const int64_t from_x = std::max<int64_t>(0, width - size) / 2,
                to_x = std::max<int64_t>(0, size - width) / 2;
  for (int64_t y = 0; y < std::min(height, size); ++y) {
    std::copy_n(image.data() + (from_y + y) * width + from_x, std::min(width, size),
                cropped.data() + (to_y + y) * size + to_x);
  }
  return cropped;
}

}  // namespace reconproof::challenge
