// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The loops in which the time goes, compiled for several instruction sets and chosen at run time.
// Plain pointers and numbers: what is compiled for AVX-512 must not share an inline function with
// the rest of the program, or the linker might give that one to everybody.
#pragma once

#include <stdint.h>

namespace reconproof::baseline::engine {

/// Output channels that a convolution computes together, at most.
inline constexpr int kMostBlock = 8;
/// Positions of which every kernel's tile is a divisor.
inline constexpr int64_t kTileMultiple = 192;

/// 3x3 convolution of `inputs` planes to a block of output planes, over flat positions from `begin`
/// to `end`, rounded up to tiles. Adds to `sums` and `squares` of each output what it wrote.
struct Conv3x3Block {
  const float* const* in;  // planes at their row 0
  int64_t inputs, stride;
  const float* weights;  // [inputs][3][3][block]
  float* const* out;     // [block], planes at their row 0
  int64_t begin, end;
  double *sums, *squares;
};

/// Winograd's F(4, 3) along columns of an image: six rows that overlap the next six by two become
/// six others; each is convolved with rows of three weights; of the results come four rows of the
/// 3x3 convolution. Half the products, for a few sums.
inline constexpr int kWinogradRows = 4, kWinogradPoints = 6;
/// The points of its polynomials are 0, +-p, +-q and infinity. These lose fewer bits than 1 and 2.
inline constexpr double kWinogradP = 0.70710678118654752440, kWinogradQ = 1.41421356237309504880;

/// One of the six, of all input planes to a block of output planes.
struct Conv1x3Block {
  const float* in;  // the next plane is `in_plane` floats further; one float in front is read
  int64_t inputs, in_plane;
  const float* weights;  // [inputs][3][block]
  float* out;            // [block] planes
  int64_t out_plane;
  int64_t count;  // positions, rounded up to a vector
};

/// Output rows of one plane, four (or, at the image's end, fewer) of each group; adds to sum and
/// square what it wrote.
struct WinogradOutput {
  const float* in;  // [points], `in_plane` floats apart: groups of `stride` positions
  int64_t in_plane;
  float* out;  // the first row; the next one is `stride` floats further
  int64_t rows, columns, stride;
  double *sum, *square;
};

/// One row of a 2x2 transposed convolution of stride 2 to one plane; adds to sum and square.
struct UpsampleRow {
  const float* in;  // row of the first plane; the next one is `plane` floats further
  int64_t inputs, plane, columns;
  const float* weights;  // [inputs][2][2]
  float *upper, *lower;  // 2 * columns each
  double *sum, *square;
};

/// Sums of products, for gradients of weights: of each of a few rows x with each of a block of rows
/// y. sums[3 * b + t] += sum over i < count of y[b * y_plane + i] * x[t * x_step + i]; whole
/// vectors are read.
struct Products {
  const float* x;  // three, or one
  int64_t x_step;
  const float* y;  // [block]
  int64_t y_plane, count;
  float* sums;  // [block][3], of which a single x takes the first of each
};

/// Complex numbers of many transforms beside each other: [length][2][lanes] f32.
struct FourierPass {
  const float* in;
  float* out;
  int64_t radix, groups, step;  // length = radix * groups * step
  const float* twiddles;        // [groups][radix - 1][2]
  const float* roots;           // [radix][2], for radices without a kernel of their own
};

/// Pixels of all coils; the next coil's are `coil` floats further. `maps` are sensitivities before
/// they are divided by their root sum of squares.
struct CoilPixels {
  const float *image_re, *image_im, *map_re, *map_im;
  int64_t coils, coil, count;
};

/// As CoilPixels' images, to be written.
struct MutableCoils {
  float *re, *im;
};

struct Kernels {
  const char* name;
  int lanes;
  /// Positions of a tile for each size of block.
  int conv3x3_tile[kMostBlock + 1];
  void (*conv3x3[kMostBlock + 1])(const Conv3x3Block&);
  void (*conv1x3[kMostBlock + 1])(const Conv1x3Block&);
  /// in: six rows; out: one row of each of the six points. `count` is rounded up to a vector.
  void (*winograd_input)(const float* const* in, float* out, int64_t out_plane, int64_t count);
  void (*winograd_output)(const WinogradOutput&);
  /// The transpose of winograd_output: four rows become one row of each of the six points.
  void (*winograd_spread)(const float* const* in, float* out, int64_t out_plane, int64_t count);
  void (*products3[kMostBlock + 1])(const Products&);
  void (*products1)(const Products&);  // block of 1
  void (*upsample_row)(const UpsampleRow&);
  /// x -> LeakyReLU(x * scale + shift), slope 0.2.
  void (*normalise)(float* values, int64_t count, float scale, float shift);
  /// Of LeakyReLU(x) = y and y's gradient g: sums of x's gradient, and of its products with x.
  void (*normalise_sums)(const float* y, const float* g, int64_t count, double* sum,
                         double* product);
  /// y's gradient -> (x's gradient - mean - x * mean_product) * scale.
  void (*normalise_gradient)(const float* y, float* g, int64_t count, float scale, float mean,
                             float mean_product);
  /// Means of 2x2: two rows of 2 * columns -> columns.
  void (*pool_row)(const float* upper, const float* lower, float* out, int64_t columns);
  /// Adds a quarter of `in` to the four pixels that were its mean.
  void (*spread_row)(const float* in, float* upper, float* lower, int64_t columns);
  /// a[0], b[0], a[1], b[1], ... -> a, b.
  void (*split_row)(const float* pairs, float* a, float* b, int64_t count);
  /// out = bias + sum of weights[i] * in[i * plane ...], times scale, plus shift.
  void (*combine_row)(const float* in, int64_t inputs, int64_t plane, const float* weights,
                      float bias, float scale, float shift, float* out, int64_t columns);
  double (*sum)(const float* values, int64_t count);
  double (*squared_distance)(const float* values, int64_t count, float from);
  void (*fourier_pass)(const FourierPass&);
  /// `lanes` vectors of `lanes` floats, rows to columns.
  void (*transpose)(const float* const* in, float* const* out);
  /// values = (values * scale - measured) * weight
  void (*residual)(float* values, const float* measured, int64_t count, float scale, float weight);
  /// to = from * scale; to -= from * scale
  void (*assign)(float* to, const float* from, int64_t count, float scale);
  void (*subtract)(float* to, const float* from, int64_t count, float scale);
  /// The coils' images as their sensitivities see them, and the inverse of the maps' root sum of
  /// squares.
  void (*combine_coils)(const CoilPixels&, float* re, float* im, float* inverse);
  /// What is left of each coil's image without an artefact (its parts `re`, `im`): into the image,
  /// and as a root sum of squares.
  void (*subtract_artefact)(const CoilPixels&, const float* re, const float* im,
                            const float* inverse, float* out_re, float* out_im);
  void (*root_sum_of_squares)(const CoilPixels&, const float* re, const float* im,
                              const float* inverse, float* out);
  // Gradients of these. The image of CoilPixels is what each says; `to` are gradients of the
  // normalised sensitivities, added to.
  /// Image: gradients of what subtract_artefact left -> those of the artefact, out.
  void (*artefact_gradient)(const CoilPixels&, const float* re, const float* im,
                            const float* inverse, const MutableCoils& to, float* out_re,
                            float* out_im);
  /// Image: what combine_coils took, re, im: the gradient of what it gave -> added to `images`,
  /// unless its pointers are null.
  void (*combination_gradient)(const CoilPixels&, const float* re, const float* im,
                               const float* inverse, const MutableCoils& to,
                               const MutableCoils& images);
  /// `to`: gradients of the normalised sensitivities -> of the maps. The image is not read.
  void (*map_gradient)(const CoilPixels&, const float* inverse, const MutableCoils& to);
};

}  // namespace reconproof::baseline::engine
