// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/local_contrast.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>

namespace reconproof::challenge {
namespace {

constexpr int kContrastSide = static_cast<int>(kFingerprintSide);
constexpr size_t kCells = static_cast<size_t>(kContrastSide * kContrastSide);

// Chosen on real brains (docs/leaks.md): wider surroundings let aligned heads of two people look
// alike, narrower ones let noise and crops tell copies apart.
constexpr double kSurroundings = 2.5;  // cells, standard deviation
constexpr float kLargest = 0.2f;       // the outline of a head shall not outweigh what is inside
constexpr float kSoftening = 0.08f;    // of the usual brightness, added to the surroundings'
constexpr double kBrightPart = 0.95;   // the brightness that so many cells do not exceed
constexpr float kHeadFrom = 0.3f;      // of it: what is brighter belongs to the head
constexpr double kUsualPart = 0.65;  // of the cells about the head: few are air, few beside a coil
constexpr double kAirPart = 0.1;     // of them; in a close crop there is none, so
constexpr float kLargestFloor = 0.2f;  // no more than this of the usual brightness is taken off
// Cells are tissue from here on: relative to their surroundings, and to the usual brightness.
constexpr float kTissueLow = 0.3f, kTissueHigh = 0.5f, kBrightLow = 0.1f, kBrightHigh = 0.2f;

// ---- separable filters ----

using Kernel = std::vector<float>;  // odd length, its centre in the middle

Kernel gaussian(double sigma) {
  const int reach = std::min(kContrastSide - 1, static_cast<int>(std::ceil(2.5 * sigma)));
  Kernel kernel;
  for (int i = -reach; i <= reach; ++i)
    kernel.push_back(static_cast<float>(std::exp(-0.5 * i * i / (sigma * sigma))));
  return kernel;
}

double sinc(double x) {
  const double angle = std::numbers::pi * x;
  return std::abs(angle) < 1e-9 ? 1 : std::sin(angle) / angle;
}

/// The window through which k-space of so little detail was seen, in the image.
Kernel blur_of(int cycles) {
  const double reach = static_cast<double>(kContrastSide) / cycles;  // to its first zero, in cells
  const int whole = std::min(kContrastSide - 1, static_cast<int>(std::ceil(reach)) - 1);
  Kernel kernel;
  for (int i = -whole; i <= whole; ++i) {
    const double u = 2 * i / reach;
    kernel.push_back(static_cast<float>(0.5 * sinc(u) + 0.25 * sinc(u - 1) + 0.25 * sinc(u + 1)));
  }
  return kernel;
}

/// Along rows, transposed on the way: twice, once for each direction, filters the grid.
CellGrid filter_transposed(const CellGrid& grid, const Kernel& kernel) {
  const int reach = static_cast<int>(kernel.size() / 2);
  CellGrid out(kCells, 0.0f);
  for (int y = 0; y < kContrastSide; ++y) {
    const float* row = &grid[static_cast<size_t>(y * kContrastSide)];
    for (int x = 0; x < kContrastSide; ++x) {
      float sum = 0;
      for (int i = std::max(0, x - reach); i <= std::min(kContrastSide - 1, x + reach); ++i)
        sum += row[i] * kernel[static_cast<size_t>(i - x + reach)];
      out[static_cast<size_t>(x * kContrastSide + y)] = sum;
    }
  }
  return out;
}

CellGrid filtered(const CellGrid& grid, const Kernel& down, const Kernel& across) {
  return filter_transposed(filter_transposed(grid, across), down);
}

/// Weighted mean about each cell; 0 where there is no weight.
CellGrid local_mean(const CellGrid& values, const CellGrid& weights, const Kernel& down,
                    const Kernel& across) {
  CellGrid product(kCells);
  for (size_t i = 0; i < kCells; ++i) product[i] = values[i] * weights[i];
  CellGrid sum = filtered(product, down, across);
  const CellGrid weight = filtered(weights, down, across);
  for (size_t i = 0; i < kCells; ++i) sum[i] = weight[i] > 1e-3f ? sum[i] / weight[i] : 0;
  return sum;
}

float ramp(float value, float low, float high) {
  return std::clamp((value - low) / (high - low), 0.0f, 1.0f);
}

// ---- local contrast ----

/// The value below which so many of the values lie.
float quantile(std::vector<float>& values, double part) {
  const auto place =
      values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

/// Cells [top, bottom) x [left, right) about what is brighter than `bright`; a bright row or column
/// has two such cells.
struct CellBox {
  int top = kContrastSide, left = kContrastSide, bottom = 0, right = 0;
};
CellBox box_about(const CellGrid& image, float bright) {
  std::array<int, static_cast<size_t>(kContrastSide)> rows{}, columns{};
  for (size_t i = 0; i < kCells; ++i) {
    if (image[i] <= bright) continue;
    ++rows[i / static_cast<size_t>(kContrastSide)];
    ++columns[i % static_cast<size_t>(kContrastSide)];
  }
  CellBox box;
  for (int i = 0; i < kContrastSide; ++i) {
    if (rows[static_cast<size_t>(i)] >= 2) box.top = std::min(box.top, i), box.bottom = i + 1;
    if (columns[static_cast<size_t>(i)] >= 2) box.left = std::min(box.left, i), box.right = i + 1;
  }
  return box;
}

std::vector<float> values_in(const CellGrid& image, const CellGrid& inside, const CellBox& box) {
  std::vector<float> values;
  for (int y = box.top; y < box.bottom; ++y) {
    for (int x = box.left; x < box.right; ++x) {
      const size_t i = static_cast<size_t>(y * kContrastSide + x);
      if (inside[i] != 0) values.push_back(image[i]);
    }
  }
  return values;
}

/// Of the part that the head fills, since how much air is about it differs between copies.
struct Levels {
  float usual;  // of tissue
  float floor;  // what noise leaves in a magnitude image
};
Levels levels_of(const CellGrid& image, const CellGrid& inside) {
  std::vector<float> values = values_in(image, inside, {0, 0, kContrastSide, kContrastSide});
  const float bright = quantile(values, kBrightPart);
  std::vector<float> head = values_in(image, inside, box_about(image, kHeadFrom * bright));
  if (!head.empty()) values = std::move(head);
  const float usual = quantile(values, kUsualPart) + 1e-9f;
  return {usual, std::min(quantile(values, kAirPart), kLargestFloor * usual)};
}

}  // namespace

LocalContrast local_contrast(const SliceFingerprint& print, Detail detail) {
  LocalContrast contrast;
  contrast.inside.assign(kCells, 0.0f);
  for (int y = print.top; y < print.bottom; ++y)
    std::fill(&contrast.inside[y * kContrastSide + print.left],
              &contrast.inside[y * kContrastSide] + print.right, 1.0f);
  const CellGrid& inside = contrast.inside;
  CellGrid image(kCells);
  for (size_t i = 0; i < kCells; ++i) {
    const float root = static_cast<float>(print.cells[i]) / 255;
    image[i] = inside[i] * root * root;
  }
  const int fine = static_cast<int>(kFingerprintCycles);
  if (detail.rows < print.row_cycles || detail.columns < print.column_cycles) {
    const Kernel unit{1.0f};
    image = local_mean(image, inside, detail.rows < print.row_cycles ? blur_of(detail.rows) : unit,
                       detail.columns < print.column_cycles ? blur_of(detail.columns) : unit);
  }
  const auto [usual, floor] = levels_of(image, inside);
  for (float& value : image) value = std::sqrt(std::max(0.0f, value * value - floor * floor));
  const auto sigma = [&](int cycles) { return kSurroundings * std::max(1.0, 0.5 * fine / cycles); };
  const Kernel down = gaussian(sigma(detail.rows)), across = gaussian(sigma(detail.columns));
  CellGrid mean = local_mean(image, inside, down, across);
  CellGrid tissue(kCells);
  for (size_t i = 0; i < kCells; ++i)
    tissue[i] = inside[i] * ramp(image[i] / (mean[i] + 1e-3f * usual), kTissueLow, kTissueHigh) *
                ramp(image[i] / usual, kBrightLow, kBrightHigh);
  mean = local_mean(image, tissue, down, across);
  contrast.value.resize(kCells);
  for (size_t i = 0; i < kCells; ++i) {
    const float relative = (image[i] - mean[i]) / (mean[i] + kSoftening * usual);
    contrast.value[i] = tissue[i] * std::clamp(relative, -kLargest, kLargest);
  }
  return contrast;
}

}  // namespace reconproof::challenge
