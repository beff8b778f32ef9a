// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Between a coil's image and those columns of its k-space that were sampled: the others are zero,
// and not computed. Centred and orthonormal, as model/fft.h.
#pragma once

#include <complex>
#include <cstdint>
#include <vector>

#include "baseline/engine/fourier.h"

namespace reconproof::baseline::engine {

/// Columns of a k-space, transformed or not, lie as [groups][rows][2][lanes], a lane a column.
class SampledFourier {
 public:
  /// `sampled`: columns, ascending.
  SampledFourier(int64_t rows, int64_t columns, std::vector<int64_t> sampled,
                 const Kernels& kernels);

  int64_t columns() const { return columns_; }
  int64_t columns_floats() const { return groups() * group_floats(); }
  int64_t scratch_floats() const;

  /// The sampled columns of a k-space [rows][columns].
  void gather(const std::complex<float>* kspace, float* columns) const;
  /// Columns to rows of the image, whose own transforms are to come; and back.
  void inverse_columns(float* columns, float* scratch) const;
  void forward_columns(float* columns, float* scratch) const;

  enum class Write { kAssign, kSubtract };
  /// Of transformed columns, those from `begin` to before `end` (numbers of columns of the
  /// k-space): an image, its parts [rows][columns] each.
  void to_image(const float* columns, int64_t begin, int64_t end, Write write, float* re, float* im,
                float* scratch) const;
  /// The rows' part of the transform of an image to its sampled columns.
  void from_image(const float* re, const float* im, float* columns, float* scratch) const;

  /// What an orthonormal transform multiplies by.
  float scale() const { return scale_; }

 private:
  int64_t groups() const;
  int64_t group_floats() const { return rows_ * 2 * kernels_.lanes; }
  void transform_columns(const Fourier& fourier, float* columns, float* scratch) const;
  /// For the columns of a group, the numbers of an array of a row's transform: those beyond the
  /// last column, or out of [begin, end), go to `elsewhere`.
  void row_places(int64_t group, int64_t begin, int64_t end, float* row, float* elsewhere,
                  float** places) const;

  int64_t rows_, columns_;
  std::vector<int64_t> sampled_;
  const Kernels& kernels_;
  Fourier forward_row_, inverse_row_, forward_column_, inverse_column_;
  float scale_;
};

}  // namespace reconproof::baseline::engine
