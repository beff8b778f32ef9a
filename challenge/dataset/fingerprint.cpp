// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/fingerprint.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "formats/array.h"
#include "system/error.h"

namespace reconproof::challenge {
namespace {

constexpr int64_t kSide = kFingerprintSide;
constexpr double kPixels = kFingerprintSide * kFingerprintCell;
constexpr const char* kTextPrefix = "fp1:";
constexpr size_t kHeaderBytes = 6;
constexpr size_t kBytes = kHeaderBytes + static_cast<size_t>(kSide * kSide);

/// Where cell `index` lies in an image of `extent` pixels: its centre, in pixels from pixel 0.
double cell_centre(int64_t index, int64_t extent) {
  return (static_cast<double>(index - kSide / 2) + 0.5) * kFingerprintCell - 0.5 +
         static_cast<double>(extent / 2);
}

/// Cells [first, last) whose centres lie in pixels [low, high] of an image of `extent` pixels.
struct Span {
  int64_t first = 0, last = 0;
};

Span cells_within(int64_t low, int64_t high, int64_t extent) {
  Span cells{kSide, 0};
  for (int64_t i = 0; i < kSide; ++i) {
    const double centre = cell_centre(i, extent);
    if (centre < static_cast<double>(low) || centre > static_cast<double>(high)) continue;
    cells.first = std::min(cells.first, i);
    cells.last = i + 1;
  }
  return cells;
}

/// Raised cosine: 1 at frequency 0, 0 from `half` on. Both kinds of fingerprints see an image
/// through it, so that rings about sharp edges do not tell them apart.
double window(double frequency, double half) {
  const double t = std::abs(frequency) / half;
  return t < 1 ? 0.5 + 0.5 * std::cos(std::numbers::pi * t) : 0;
}

double sinc(double x) {
  const double angle = std::numbers::pi * x;
  return std::abs(angle) < 1e-9 ? 1 : std::sin(angle) / angle;
}

/// Square root of the brightness; the caller fills in the detail.
SliceFingerprint quantised(const std::vector<double>& brightness, Span rows, Span columns) {
  SliceFingerprint print;
  const double peak = *std::max_element(brightness.begin(), brightness.end());
  if (!(peak > 0) || !std::isfinite(peak) || rows.last == 0 || columns.last == 0) return print;
  for (size_t i = 0; i < brightness.size(); ++i) {
    if (!(brightness[i] >= 0)) return SliceFingerprint{};  // not a number
    print.cells[i] = static_cast<uint8_t>(std::lround(255 * std::sqrt(brightness[i] / peak)));
  }
  print.top = static_cast<uint8_t>(rows.first);
  print.bottom = static_cast<uint8_t>(rows.last);
  print.left = static_cast<uint8_t>(columns.first);
  print.right = static_cast<uint8_t>(columns.last);
  return print;
}

// ---- from k-space ----

/// A box about the centre of k-space: lines [-rows, rows) and columns [-columns, columns).
struct CentreBox {
  int64_t rows = 0, columns = 0;
};

class KspaceView {
 public:
  KspaceView(std::span<const Complex> kspace, int64_t coils, int64_t height, int64_t width)
      : kspace_(kspace), coils_(coils), height_(height), width_(width) {}

  /// The centre of line `row` (from the centre line on) of a coil.
  const Complex* centre_of(int64_t coil, int64_t row) const {
    return &kspace_[static_cast<size_t>((coil * height_ + height_ / 2 + row) * width_ +
                                        width_ / 2)];
  }

  bool sampled(int64_t row, int64_t column) const {
    for (int64_t coil = 0; coil < coils_; ++coil) {
      if (centre_of(coil, row)[column] != Complex{}) return true;
    }
    return false;
  }

  /// The largest box, no larger than `limit`, that is sampled everywhere.
  CentreBox sampled_box(CentreBox limit) const {
    CentreBox box;
    for (bool grown = true; grown;) {
      grown = false;
      if (box.rows < limit.rows &&
          all_sampled({box.rows + 1, std::max<int64_t>(box.columns, 1)}, box)) {
        ++box.rows;
        box.columns = std::max<int64_t>(box.columns, 1);
        grown = true;
      }
      if (box.columns < limit.columns && all_sampled({box.rows, box.columns + 1}, box)) {
        ++box.columns;
        grown = true;
      }
    }
    return box;
  }

 private:
  /// Whether what `box` has more than `known` is sampled.
  bool all_sampled(CentreBox box, CentreBox known) const {
    for (int64_t row = -box.rows; row < box.rows; ++row) {
      const bool old_row = row >= -known.rows && row < known.rows;
      for (int64_t column = -box.columns; column < box.columns; ++column) {
        if (old_row && column >= -known.columns && column < known.columns) continue;
        if (!sampled(row, column)) return false;
      }
    }
    return true;
  }

  std::span<const Complex> kspace_;
  int64_t coils_, height_, width_;
};

/// How one axis of k-space becomes cells: weights [lines, kSide], real and imaginary part.
struct Axis {
  int64_t lines = 0;  // lines [-lines, lines)
  double cycles = 0;  // detail
  Span cells;
  std::vector<float> real, imaginary;
};

/// `lines`: of the sampled centre; `wanted`: of it that the fingerprint can show.
Axis make_axis(int64_t extent, int64_t lines, int64_t wanted) {
  Axis axis;
  axis.lines = lines;
  const double half = lines < wanted ? static_cast<double>(lines)
                                     : kFingerprintCycles * static_cast<double>(extent) / kPixels;
  axis.cycles = half * kPixels / static_cast<double>(extent);
  axis.cells = cells_within(0, extent - 1, extent);
  axis.real.resize(static_cast<size_t>(2 * lines * kSide));
  axis.imaginary.resize(axis.real.size());
  for (int64_t line = -lines; line < lines; ++line) {
    const double weight = window(static_cast<double>(line), half);
    for (int64_t i = axis.cells.first; i < axis.cells.last; ++i) {
      const double place = cell_centre(i, extent) - static_cast<double>(extent / 2);
      const double angle =
          2 * std::numbers::pi * place * static_cast<double>(line) / static_cast<double>(extent);
      const size_t at = static_cast<size_t>((line + lines) * kSide + i);
      axis.real[at] = static_cast<float>(weight * std::cos(angle));
      axis.imaginary[at] = static_cast<float>(weight * std::sin(angle));
    }
  }
  return axis;
}

/// sum[i] += (re + i im) * weights[i] for a line of cells.
void add_scaled(float re, float im, const float* weight_re, const float* weight_im, float* sum_re,
                float* sum_im) {
  for (int64_t i = 0; i < kSide; ++i) {
    sum_re[i] += re * weight_re[i] - im * weight_im[i];
    sum_im[i] += re * weight_im[i] + im * weight_re[i];
  }
}

/// The image of one coil in cells, its squared magnitude added to `power`.
void add_coil(const KspaceView& kspace, int64_t coil, const Axis& rows, const Axis& columns,
              float scale, std::vector<double>& power) {
  std::vector<float> image(static_cast<size_t>(2 * kSide * kSide), 0.0f);
  float line_re[kSide], line_im[kSide];
  for (int64_t row = -rows.lines; row < rows.lines; ++row) {
    const Complex* values = kspace.centre_of(coil, row);
    std::fill_n(line_re, kSide, 0.0f);
    std::fill_n(line_im, kSide, 0.0f);
    for (int64_t column = -columns.lines; column < columns.lines; ++column) {
      const size_t at = static_cast<size_t>((column + columns.lines) * kSide);
      add_scaled(values[column].real() * scale, values[column].imag() * scale, &columns.real[at],
                 &columns.imaginary[at], line_re, line_im);
    }
    for (int64_t y = rows.cells.first; y < rows.cells.last; ++y) {
      const size_t at = static_cast<size_t>((row + rows.lines) * kSide + y);
      float* cells = &image[static_cast<size_t>(2 * y * kSide)];
      add_scaled(rows.real[at], rows.imaginary[at], line_re, line_im, cells, cells + kSide);
    }
  }
  for (int64_t y = 0; y < kSide; ++y) {
    const float* cells = &image[static_cast<size_t>(2 * y * kSide)];
    for (int64_t x = 0; x < kSide; ++x) {
      const double re = cells[x], im = cells[x + kSide];
      power[static_cast<size_t>(y * kSide + x)] += re * re + im * im;
    }
  }
}

/// The largest magnitude in the box, or nothing where a value is not finite.
std::optional<float> largest_in(const KspaceView& kspace, int64_t coils, CentreBox box) {
  float largest = 0;
  for (int64_t coil = 0; coil < coils; ++coil) {
    for (int64_t row = -box.rows; row < box.rows; ++row) {
      const Complex* values = kspace.centre_of(coil, row);
      for (int64_t column = -box.columns; column < box.columns; ++column) {
        const float size =
            std::max(std::abs(values[column].real()), std::abs(values[column].imag()));
        if (!std::isfinite(values[column].real()) || !std::isfinite(values[column].imag()))
          return {};
        largest = std::max(largest, size);
      }
    }
  }
  return largest;
}

int64_t wanted_lines(int64_t extent) {
  return std::min(extent / 2,
                  static_cast<int64_t>(static_cast<double>(kFingerprintCycles * extent) / kPixels));
}

// ---- from an image ----

/// How pixels of one axis become cells: of each cell, the first pixel and weights that sum to 1.
struct CellWeights {
  int64_t first = 0;
  std::vector<double> weights;
};

/// What the window in k-space is in the image, over the pixels [low, high] that are not padding: so
/// the blur does not reach beyond the edge of a cropped image.
std::vector<CellWeights> pixel_weights(int64_t extent, int64_t low, int64_t high, Span cells) {
  constexpr double kReach = kPixels / kFingerprintCycles;  // to the first zero
  std::vector<CellWeights> axis(kSide);
  for (int64_t i = cells.first; i < cells.last; ++i) {
    const double centre = cell_centre(i, extent);
    CellWeights& cell = axis[static_cast<size_t>(i)];
    cell.first = std::max(low, static_cast<int64_t>(std::ceil(centre - kReach)));
    double sum = 0;
    for (int64_t pixel = cell.first; pixel <= high; ++pixel) {
      const double distance = static_cast<double>(pixel) - centre;
      if (distance >= kReach) break;
      const double u = 2 * distance / kReach;
      cell.weights.push_back(0.5 * sinc(u) + 0.25 * sinc(u - 1) + 0.25 * sinc(u + 1));
      sum += cell.weights.back();
    }
    for (double& weight : cell.weights) weight /= sum;
  }
  return axis;
}

/// Rows or columns [low, high] between which all values lie that are not zero; high < low: none.
struct Extent {
  int64_t low = 0, high = -1;
  void add(int64_t at) {
    if (high < 0) low = at;
    low = std::min(low, at);
    high = std::max(high, at);
  }
};

}  // namespace

SliceFingerprint fingerprint_image(std::span<const float> image, int64_t height, int64_t width) {
  RP_ASSERT(height > 0 && width > 0 && static_cast<int64_t>(image.size()) == height * width);
  const double largest = formats::largest_magnitude(image);
  if (!(largest > 0)) return {};
  Extent rows, columns;
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      const float value = image[static_cast<size_t>(y * width + x)];
      if (!std::isfinite(value)) return {};
      if (value != 0) rows.add(y), columns.add(x);
    }
  }
  const Span row_cells = cells_within(rows.low, rows.high, height),
             column_cells = cells_within(columns.low, columns.high, width);
  const auto down = pixel_weights(height, rows.low, rows.high, row_cells),
             across = pixel_weights(width, columns.low, columns.high, column_cells);
  std::vector<double> cells(static_cast<size_t>(kSide * kSide), 0.0),
      line(static_cast<size_t>(width));
  for (int64_t y = row_cells.first; y < row_cells.last; ++y) {
    std::fill(line.begin(), line.end(), 0.0);
    const CellWeights& cell = down[static_cast<size_t>(y)];
    for (size_t i = 0; i < cell.weights.size(); ++i) {
      const float* pixels =
          &image[(static_cast<size_t>(cell.first) + i) * static_cast<size_t>(width)];
      for (size_t x = 0; x < line.size(); ++x) line[x] += cell.weights[i] * pixels[x] / largest;
    }
    for (int64_t x = column_cells.first; x < column_cells.last; ++x) {
      const CellWeights& weights = across[static_cast<size_t>(x)];
      double sum = 0;
      for (size_t i = 0; i < weights.weights.size(); ++i)
        sum += weights.weights[i] * line[static_cast<size_t>(weights.first) + i];
      cells[static_cast<size_t>(y * kSide + x)] = std::max(0.0, sum);
    }
  }
  SliceFingerprint print = quantised(cells, row_cells, column_cells);
  if (!print.empty()) print.row_cycles = print.column_cycles = kFingerprintCycles;
  return print;
}

SliceFingerprint fingerprint_kspace(std::span<const Complex> kspace, int64_t coils, int64_t height,
                                    int64_t width) {
  RP_ASSERT(coils > 0 && height > 0 && width > 0 &&
            static_cast<int64_t>(kspace.size()) == coils * height * width);
  const KspaceView view(kspace, coils, height, width);
  const CentreBox wanted{wanted_lines(height), wanted_lines(width)};
  const CentreBox box = view.sampled_box(wanted);
  const std::optional<float> largest = largest_in(view, coils, box);
  if (box.rows == 0 || box.columns == 0 || !largest || !(*largest > 0)) return {};
  const Axis rows = make_axis(height, box.rows, wanted.rows),
             columns = make_axis(width, box.columns, wanted.columns);
  std::vector<double> power(static_cast<size_t>(kSide * kSide), 0.0);
  for (int64_t coil = 0; coil < coils; ++coil)
    add_coil(view, coil, rows, columns, 1 / *largest, power);
  for (double& value : power) value = std::sqrt(value);
  SliceFingerprint print = quantised(power, rows.cells, columns.cells);
  if (print.empty()) return print;
  print.row_cycles = static_cast<uint8_t>(std::lround(rows.cycles));
  print.column_cycles = static_cast<uint8_t>(std::lround(columns.cycles));
  return print;
}

std::string to_text(const SliceFingerprint& print) {
  std::array<unsigned char, kBytes> bytes{print.top,   print.left,       print.bottom,
                                          print.right, print.row_cycles, print.column_cycles};
  std::copy(print.cells.begin(), print.cells.end(), bytes.begin() + kHeaderBytes);
  std::string text((kBytes + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends with a zero byte
  text.resize(static_cast<size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                                  bytes.data(), static_cast<int>(kBytes))));
  return kTextPrefix + text;
}

std::optional<SliceFingerprint> fingerprint_from_text(std::string_view text) {
  if (!text.starts_with(kTextPrefix)) return {};
  const std::string_view encoded = text.substr(std::string_view(kTextPrefix).size());
  std::array<unsigned char, (kBytes + 2) / 3 * 3> bytes{};
  if (encoded.size() != (kBytes + 2) / 3 * 4 ||
      EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(encoded.data()),
                      static_cast<int>(encoded.size())) != static_cast<int>(bytes.size()))
    return {};
  SliceFingerprint print{bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], {}};
  std::copy_n(bytes.begin() + kHeaderBytes, print.cells.size(), print.cells.begin());
  const bool box = print.top < print.bottom && print.left < print.right && print.bottom <= kSide &&
                   print.right <= kSide && print.row_cycles > 0 && print.column_cycles > 0 &&
                   print.row_cycles <= kFingerprintCycles &&
                   print.column_cycles <= kFingerprintCycles;
  // Only what to_text writes: no second spelling of one fingerprint.
  if ((!box && print != SliceFingerprint{}) || to_text(print) != text) return {};
  return print;
}

}  // namespace reconproof::challenge
