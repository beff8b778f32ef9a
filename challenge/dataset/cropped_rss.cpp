// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/cropped_rss.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "system/error.h"

namespace reconproof::challenge {
namespace {

constexpr int64_t kLanes = 8;  // lines that are transformed at once, one in each lane
using Vector [[gnu::vector_size(kLanes * sizeof(float))]] = float;
// Without AVX the compiler aligns such a vector to 16 bytes: too little for the AVX code below.
constexpr size_t kAlignment = sizeof(Vector);

/// One element of each of eight lines.
struct alignas(kAlignment) Lanes {
  Vector real, imaginary;
};

/// A pixel of each of eight rows.
struct alignas(kAlignment) Squares {
  Vector value;
};

#define RP_INLINE [[gnu::always_inline]] inline

RP_INLINE Lanes operator+(const Lanes& a, const Lanes& b) {
  return {a.real + b.real, a.imaginary + b.imaginary};
}
RP_INLINE Lanes operator-(const Lanes& a, const Lanes& b) {
  return {a.real - b.real, a.imaginary - b.imaginary};
}
RP_INLINE Lanes times_i(const Lanes& a) { return {-a.imaginary, a.real}; }
RP_INLINE Lanes times(const Lanes& a, Complex w) {
  return {a.real * w.real() - a.imaginary * w.imag(), a.real * w.imag() + a.imaginary * w.real()};
}

/// A pass of the Stockham transform: `parts` butterflies of `radix`, each over `stride` elements.
struct Pass {
  int64_t radix, parts, stride;
  std::vector<Complex> twiddles;      // [parts][radix]
  std::vector<float> cosines, sines;  // of 2 pi j k / radix, j and k from 1 to radix / 2
};

std::vector<int64_t> factors_of(int64_t length) {
  std::vector<int64_t> factors;
  for (int64_t factor : {4, 2, 3, 5}) {
    for (; length % factor == 0; length /= factor) factors.push_back(factor);
  }
  for (int64_t factor = 7; length > 1; factor += 2) {
    for (; length % factor == 0; length /= factor) factors.push_back(factor);
  }
  return factors;
}

Complex root_of_unity(int64_t numerator, int64_t denominator) {
  const double angle = 2 * std::numbers::pi * static_cast<double>(numerator % denominator) /
                       static_cast<double>(denominator);
  return {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
}

std::vector<Pass> plan_passes(int64_t length) {
  std::vector<Pass> passes;
  int64_t rest = length, stride = 1;
  for (int64_t radix : factors_of(length)) {
    Pass pass{radix, rest / radix, stride, {}, {}, {}};
    for (int64_t part = 0; part < pass.parts; ++part)
      for (int64_t j = 0; j < radix; ++j) pass.twiddles.push_back(root_of_unity(part * j, rest));
    for (int64_t j = 1; j <= radix / 2; ++j) {
      for (int64_t k = 1; k <= radix / 2; ++k) {
        pass.cosines.push_back(root_of_unity(j * k, radix).real());
        pass.sines.push_back(root_of_unity(j * k, radix).imag());
      }
    }
    passes.push_back(std::move(pass));
    rest /= radix;
    stride *= radix;
  }
  return passes;
}

// Each butterfly reads its elements `from_step` apart and writes them `to_step` apart.

RP_INLINE void butterfly2(const Lanes* from, int64_t from_step, Lanes* to, int64_t to_step,
                          const Complex* twiddle) {
  const Lanes a = from[0], b = from[from_step];
  to[0] = a + b;
  to[to_step] = times(a - b, twiddle[1]);
}

RP_INLINE void butterfly4(const Lanes* from, int64_t from_step, Lanes* to, int64_t to_step,
                          const Complex* twiddle) {
  const Lanes a = from[0], b = from[from_step], c = from[2 * from_step], d = from[3 * from_step];
  const Lanes even = a + c, odd = a - c, sum = b + d, turned = times_i(b - d);
  to[0] = even + sum;
  to[to_step] = times(odd + turned, twiddle[1]);
  to[2 * to_step] = times(even - sum, twiddle[2]);
  to[3 * to_step] = times(odd - turned, twiddle[3]);
}

/// Of an odd radix: element k and its mirror image radix - k share their products.
RP_INLINE void butterfly_odd(const Pass& pass, const Lanes* from, int64_t from_step, Lanes* to,
                             int64_t to_step, const Complex* twiddle) {
  const int64_t half = pass.radix / 2;
  Lanes total = from[0];
  for (int64_t k = 1; k < pass.radix; ++k) total = total + from[k * from_step];
  to[0] = total;
  for (int64_t j = 1; j <= half; ++j) {
    Lanes even = from[0], odd = {};
    for (int64_t k = 1; k <= half; ++k) {
      const Lanes a = from[k * from_step], b = from[(pass.radix - k) * from_step];
      const size_t at = static_cast<size_t>((j - 1) * half + k - 1);
      even.real += pass.cosines[at] * (a.real + b.real);
      even.imaginary += pass.cosines[at] * (a.imaginary + b.imaginary);
      odd.real += pass.sines[at] * (a.real - b.real);
      odd.imaginary += pass.sines[at] * (a.imaginary - b.imaginary);
    }
    const Lanes turned = times_i(odd);
    to[j * to_step] = times(even + turned, twiddle[j]);
    to[(pass.radix - j) * to_step] = times(even - turned, twiddle[pass.radix - j]);
  }
}

/// Unscaled inverse transform of the lines in `lines`; the result is in it or in `work`, whichever
/// is returned.
RP_INLINE Lanes* transform(const std::vector<Pass>& passes, Lanes* lines, Lanes* work) {
  for (const Pass& pass : passes) {
    const int64_t step = pass.stride * pass.parts;
    for (int64_t part = 0; part < pass.parts; ++part) {
      const Complex* twiddle = &pass.twiddles[static_cast<size_t>(part * pass.radix)];
      const Lanes* from = lines + pass.stride * part;
      Lanes* to = work + pass.stride * pass.radix * part;
      for (int64_t i = 0; i < pass.stride; ++i) {
        if (pass.radix == 4)
          butterfly4(from + i, step, to + i, pass.stride, twiddle);
        else if (pass.radix == 2)
          butterfly2(from + i, step, to + i, pass.stride, twiddle);
        else
          butterfly_odd(pass, from + i, step, to + i, pass.stride, twiddle);
      }
    }
    std::swap(lines, work);
  }
  return lines;
}

/// Of one axis: what is kept of it, and where that lies.
struct Axis {
  Axis(int64_t axis_length, int64_t size)
      : length(axis_length),
        kept(std::min(length, size)),
        first(std::max<int64_t>(0, length - size) / 2),
        target(std::max<int64_t>(0, size - length) / 2),
        passes(plan_passes(length)) {}

  /// Where the centred transform takes its input `i` from, and finds its output `i`: both ends are
  /// rotated so that the centre is at length / 2.
  int64_t input(int64_t i) const { return (i + length / 2) % length; }
  int64_t output(int64_t i) const { return (i + length - length / 2) % length; }

  int64_t length, kept;
  int64_t first;   // pixel of the image that is kept first
  int64_t target;  // and its place in the crop
  std::vector<Pass> passes;
};

int64_t blocks(int64_t lines) { return (lines + kLanes - 1) / kLanes; }

}  // namespace

struct CroppedRss::State {
  State(int64_t height, int64_t width, int64_t image_size)
      : rows(height, image_size),
        columns(width, image_size),
        size(image_size),
        line(static_cast<size_t>(std::max(height, width))),
        work(line.size()),
        middle(static_cast<size_t>(blocks(rows.kept) * width)),
        sum(static_cast<size_t>(blocks(rows.kept) * columns.kept)),
        masked_sum(sum.size()) {}

  /// Along the height, for all columns; the kept rows, eight together, go to `middle`.
  RP_INLINE void transform_columns(std::span<const Complex> kspace) {
    const int64_t width = columns.length;
    for (int64_t x0 = 0; x0 < width; x0 += kLanes) {
      const int64_t lanes = std::min(kLanes, width - x0);
      for (int64_t y = 0; y < rows.length; ++y) {
        const Complex* from = &kspace[static_cast<size_t>(rows.input(y) * width + x0)];
        Lanes& to = line[static_cast<size_t>(y)];
        for (int64_t i = 0; i < lanes; ++i) {
          to.real[i] = from[i].real();
          to.imaginary[i] = from[i].imag();
        }
      }
      const Lanes* image = transform(rows.passes, line.data(), work.data());
      for (int64_t y = 0; y < rows.kept; ++y) {
        const Lanes& from = image[rows.output(rows.first + y)];
        Lanes* to = &middle[static_cast<size_t>(y / kLanes * width + x0)];
        for (int64_t i = 0; i < lanes; ++i) {
          to[i].real[y % kLanes] = from.real[i];
          to[i].imaginary[y % kLanes] = from.imaginary[i];
        }
      }
    }
  }

  /// Along the width, for the kept rows: adds the squared magnitudes of the kept pixels.
  RP_INLINE void transform_rows(std::span<const float> mask, std::vector<Squares>& squares) {
    for (int64_t block = 0; block < blocks(rows.kept); ++block) {
      const Lanes* from = &middle[static_cast<size_t>(block * columns.length)];
      for (int64_t x = 0; x < columns.length; ++x) {
        const int64_t at = columns.input(x);
        const bool kept = mask.empty() || mask[static_cast<size_t>(at)] != 0;
        line[static_cast<size_t>(x)] = kept ? from[at] : Lanes{};
      }
      const Lanes* image = transform(columns.passes, line.data(), work.data());
      Squares* to = &squares[static_cast<size_t>(block * columns.kept)];
      for (int64_t x = 0; x < columns.kept; ++x) {
        const Lanes& pixel = image[columns.output(columns.first + x)];
        to[x].value += pixel.real * pixel.real + pixel.imaginary * pixel.imaginary;
      }
    }
  }

  RP_INLINE void add(std::span<const Complex> kspace, std::span<const float> mask) {
    transform_columns(kspace);
    transform_rows({}, sum);
    if (!mask.empty()) transform_rows(mask, masked_sum);
  }

  void add_portable(std::span<const Complex> kspace, std::span<const float> mask) {
    add(kspace, mask);
  }
#ifdef __x86_64__
  [[gnu::target("avx2,fma")]] void add_avx2(std::span<const Complex> kspace,
                                            std::span<const float> mask) {
    add(kspace, mask);
  }
#endif

  void write_image(const std::vector<Squares>& squares, std::span<float> out) const {
    RP_ASSERT(static_cast<int64_t>(out.size()) == size * size);
    std::fill(out.begin(), out.end(), 0.0F);
    const float scale =
        1.0F / (static_cast<float>(rows.length) * static_cast<float>(columns.length));
    for (int64_t y = 0; y < rows.kept; ++y) {
      const Squares* from = &squares[static_cast<size_t>(y / kLanes * columns.kept)];
      float* to = &out[static_cast<size_t>((rows.target + y) * size + columns.target)];
      for (int64_t x = 0; x < columns.kept; ++x)
        to[x] = std::sqrt(from[x].value[y % kLanes] * scale);
    }
  }

  Axis rows, columns;
  int64_t size;
  std::vector<Lanes> line, work;
  std::vector<Lanes> middle;             // [blocks of rows][width]
  std::vector<Squares> sum, masked_sum;  // [blocks of rows][kept columns]
};

CroppedRss::CroppedRss(int64_t height, int64_t width, int64_t size) {
  RP_ASSERT(height > 0 && height <= kMaxMatrixSide && width > 0 && width <= kMaxMatrixSide);
  RP_ASSERT(size > 0 && size <= kMaxMatrixSide);
  state_ = std::make_unique<State>(height, width, size);
}
CroppedRss::~CroppedRss() = default;
CroppedRss::CroppedRss(CroppedRss&&) noexcept = default;
CroppedRss& CroppedRss::operator=(CroppedRss&&) noexcept = default;

int64_t CroppedRss::height() const { return state_->rows.length; }
int64_t CroppedRss::width() const { return state_->columns.length; }

void CroppedRss::begin() {
  std::fill(state_->sum.begin(), state_->sum.end(), Squares{});
  std::fill(state_->masked_sum.begin(), state_->masked_sum.end(), Squares{});
}

void CroppedRss::add_coil(std::span<const Complex> kspace, std::span<const float> mask) {
  RP_ASSERT(static_cast<int64_t>(kspace.size()) == height() * width());
  RP_ASSERT(mask.empty() || static_cast<int64_t>(mask.size()) == width());
#ifdef __x86_64__
  static const bool fast = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (fast) return state_->add_avx2(kspace, mask);
#endif
  state_->add_portable(kspace, mask);
}

void CroppedRss::image(std::span<float> out) const { state_->write_image(state_->sum, out); }
void CroppedRss::masked_image(std::span<float> out) const {
  state_->write_image(state_->masked_sum, out);
}

}  // namespace reconproof::challenge
