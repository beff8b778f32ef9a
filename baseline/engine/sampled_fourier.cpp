// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/sampled_fourier.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

namespace reconproof::baseline::engine {
namespace {

constexpr int kMostLanes = 16;

/// Where the middle of an axis comes first: element i of what is transformed is number
/// (i + n / 2) % n of the axis, and the same holds for what comes out.
int64_t from_centred(int64_t index, int64_t n) { return (index + n - n / 2) % n; }

}  // namespace

SampledFourier::SampledFourier(int64_t rows, int64_t columns, std::vector<int64_t> sampled,
                               const Kernels& kernels)
    : rows_(rows),
      columns_(columns),
      sampled_(std::move(sampled)),
      kernels_(kernels),
      forward_row_(columns, false, kernels),
      inverse_row_(columns, true, kernels),
      forward_column_(rows, false, kernels),
      inverse_column_(rows, true, kernels),
      scale_(static_cast<float>(1 / std::sqrt(static_cast<double>(rows * columns)))) {}

int64_t SampledFourier::groups() const {
  return (std::ssize(sampled_) + kernels_.lanes - 1) / kernels_.lanes;
}

int64_t SampledFourier::scratch_floats() const {
  // Two arrays of the longer axis; rows of an image; a vector of zeros and one for what is not
  // wanted.
  const int64_t lanes = kernels_.lanes;
  return 2 * lanes * (2 * std::max(rows_, columns_) + columns_ + lanes + 2);
}

void SampledFourier::gather(const std::complex<float>* kspace, float* columns) const {
  const int64_t lanes = kernels_.lanes, count = std::ssize(sampled_);
  for (int64_t group = 0; group < groups(); ++group) {
    float* to = columns + group * group_floats();
    for (int64_t i = 0; i < rows_; ++i, to += 2 * lanes) {
      const std::complex<float>* row = kspace + (i + rows_ / 2) % rows_ * columns_;
      for (int64_t lane = 0; lane < lanes; ++lane) {
        const int64_t number = group * lanes + lane;
        const std::complex<float> value =
            number < count ? row[sampled_[static_cast<size_t>(number)]] : 0;
        to[lane] = value.real();
        to[lanes + lane] = value.imag();
      }
    }
  }
}

void SampledFourier::transform_columns(const Fourier& fourier, float* columns,
                                       float* scratch) const {
  for (int64_t group = 0; group < groups(); ++group) {
    float* values = columns + group * group_floats();
    const float* result = fourier.run(values, scratch);
    if (result != values) std::copy_n(result, group_floats(), values);
  }
}

void SampledFourier::inverse_columns(float* columns, float* scratch) const {
  transform_columns(inverse_column_, columns, scratch);
}

void SampledFourier::forward_columns(float* columns, float* scratch) const {
  transform_columns(forward_column_, columns, scratch);
}

void SampledFourier::row_places(int64_t group, int64_t begin, int64_t end, float* row,
                                float* elsewhere, float** places) const {
  const int64_t lanes = kernels_.lanes;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    const int64_t number = group * lanes + lane;
    places[lane] = elsewhere;
    if (number >= std::ssize(sampled_)) continue;
    const int64_t column = sampled_[static_cast<size_t>(number)];
    if (column >= begin && column < end)
      places[lane] = row + from_centred(column, columns_) * 2 * lanes;
  }
}

void SampledFourier::to_image(const float* columns, int64_t begin, int64_t end, Write write,
                              float* re, float* im, float* scratch) const {
  const int64_t lanes = kernels_.lanes, row_floats = inverse_row_.floats();
  const int64_t line = columns_ + lanes;  // of an image, with room for a whole vector
  float *values = scratch, *other = values + row_floats;
  float *lines = other + row_floats, *elsewhere = lines + lanes * line;
  const auto put = write == Write::kAssign ? kernels_.assign : kernels_.subtract;
  for (int64_t first = 0; first < rows_; first += lanes) {
    const int64_t count = std::min(lanes, rows_ - first);
    std::fill_n(values, row_floats, 0.F);
    for (int64_t group = 0; group < groups(); ++group) {
      float* places[kMostLanes];
      row_places(group, begin, end, values, elsewhere, places);
      for (const int64_t part : {0, 1}) {
        const float* from[kMostLanes];
        for (int64_t lane = 0; lane < lanes; ++lane) {
          const int64_t row = from_centred(first + std::min(lane, count - 1), rows_);
          from[lane] = columns + group * group_floats() + (2 * row + part) * lanes;
        }
        kernels_.transpose(from, places);
        for (float*& place : std::span(places, static_cast<size_t>(lanes)))
          if (place != elsewhere) place += lanes;
      }
    }
    const float* result = inverse_row_.run(values, other);
    for (const int64_t part : {0, 1}) {
      for (int64_t at = 0; at < columns_; at += lanes) {
        const float* from[kMostLanes];
        float* to[kMostLanes];
        for (int64_t lane = 0; lane < lanes; ++lane) {
          from[lane] = result + (2 * std::min(at + lane, columns_ - 1) + part) * lanes;
          to[lane] = lines + lane * line + at;
        }
        kernels_.transpose(from, to);
      }
      // The second half of what came out is the first of the image.
      const int64_t right = columns_ - columns_ / 2;
      for (int64_t lane = 0; lane < count; ++lane) {
        float* row = (part == 0 ? re : im) + (first + lane) * columns_;
        const float* from = lines + lane * line;
        put(row, from + right, columns_ - right, scale_);
        put(row + columns_ - right, from, right, scale_);
      }
    }
  }
}

void SampledFourier::from_image(const float* re, const float* im, float* columns,
                                float* scratch) const {
  const int64_t lanes = kernels_.lanes, row_floats = forward_row_.floats();
  const int64_t line = columns_ + lanes;
  float *values = scratch, *other = values + row_floats;
  float *lines = other + row_floats, *elsewhere = lines + lanes * line;
  float* zeros = elsewhere + lanes;
  std::fill_n(zeros, lanes, 0.F);
  const int64_t right = columns_ - columns_ / 2;
  for (int64_t first = 0; first < rows_; first += lanes) {
    const int64_t count = std::min(lanes, rows_ - first);
    for (const int64_t part : {0, 1}) {
      for (int64_t lane = 0; lane < count; ++lane) {
        const float* row = (part == 0 ? re : im) + (first + lane) * columns_;
        float* to = lines + lane * line;
        std::copy_n(row + columns_ - right, right, to);
        std::copy_n(row, columns_ - right, to + right);
      }
      for (int64_t at = 0; at < columns_; at += lanes) {
        const float* from[kMostLanes];
        float* to[kMostLanes];
        for (int64_t lane = 0; lane < lanes; ++lane) {
          from[lane] = lane < count ? lines + lane * line + at : zeros;
          to[lane] = at + lane < columns_ ? values + (2 * (at + lane) + part) * lanes : elsewhere;
        }
        kernels_.transpose(from, to);
      }
    }
    float* result = forward_row_.run(values, other);
    for (int64_t group = 0; group < groups(); ++group) {
      float* places[kMostLanes];
      row_places(group, 0, columns_, result, zeros, places);
      for (const int64_t part : {0, 1}) {
        const float* from[kMostLanes];
        float* to[kMostLanes];
        for (int64_t lane = 0; lane < lanes; ++lane) {
          from[lane] = places[lane] == zeros ? zeros : places[lane] + part * lanes;
          const int64_t row = from_centred(first + lane, rows_);
          to[lane] = lane < count ? columns + group * group_floats() + (2 * row + part) * lanes
                                  : elsewhere;
        }
        kernels_.transpose(from, to);
      }
    }
  }
}

}  // namespace reconproof::baseline::engine
