// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/varnet_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace reconproof::baseline::engine {

using challenge::VarnetSizes;

namespace {

constexpr int64_t kAlignment = 16;  // floats

void make_at_least(std::optional<Arena>& arena, int64_t floats) {
  if (arena && arena->floats() >= floats) return;
  arena.reset();
  arena.emplace(floats);
}

}  // namespace

/// All that belongs to slices of one shape: plans, and memory for the largest of what runs at a
/// time.
///
/// The state of the network is the coils' images, not their k-spaces: k-space is zero where it was
/// not sampled, so the first step of data consistency is zero, and the inverse transform of
/// k - F(s u) is the image less s u.
struct VarnetEngine::Shape {
  int64_t coils = 0, rows = 0, columns = 0;
  std::vector<float> mask;
  std::unique_ptr<UnetEngine> sensitivities;
  std::vector<UnetEngine> cascades;
  std::optional<SampledFourier> fourier;
  int64_t pixels = 0;  // of a plane, rounded up
  int64_t columns_floats = 0;
  std::optional<Arena> images, maps, measured, combined, work;
  int64_t work_floats = 0;  // of a worker

  float* image(int64_t coil, int part) const { return images->data() + (2 * coil + part) * pixels; }
  float* map(int64_t coil, int part) const { return maps->data() + (2 * coil + part) * pixels; }
  /// 0, 1: the parts of an image of all coils; 2, 3: of its artefact; 4: of the inverse of the
  /// maps' root sum of squares.
  float* plane(int index) const { return combined->data() + index * pixels; }
  float* worker(int index) const { return work->data() + index * work_floats; }

  CoilPixels coil_pixels(int64_t at, int64_t count) const {
    return {image(0, 0) + at,
            image(0, 1) + at,
            map(0, 0) + at,
            map(0, 1) + at,
            coils,
            2 * pixels,
            count};
  }
};

VarnetEngine::VarnetEngine(const VarnetSizes& sizes, const Weights& weights, int threads,
                           const Kernels& kernels)
    : sizes_(sizes), team_(threads), kernels_(kernels) {
  for (const challenge::NetworkTensor& tensor : challenge::network_tensors(sizes)) {
    int64_t values = 1;
    for (const int64_t extent : tensor.shape) values *= extent;
    const float* from = weights(tensor.name);
    weights_[tensor.name].assign(from, from + values);
  }
}

VarnetEngine::~VarnetEngine() = default;

void VarnetEngine::prepare(const Slice& slice) {
  if (!shape_ || shape_->coils != slice.coils || shape_->rows != slice.rows ||
      shape_->columns != slice.columns)
    plan_shape(slice);
  const std::vector<float> mask(slice.mask, slice.mask + slice.columns);
  if (shape_->mask != mask) plan_mask(mask);
}

void VarnetEngine::plan_shape(const Slice& slice) {
  shape_.reset();  // its memory is free before the next one's is taken
  shape_ = std::make_unique<Shape>();
  Shape& shape = *shape_;
  shape.coils = slice.coils, shape.rows = slice.rows, shape.columns = slice.columns;
  const Weights weights = [this](const std::string& name) { return weights_.at(name).data(); };
  const auto unet = [&](int64_t chans, const std::string& prefix) {
    return UnetEngine({chans, sizes_.pools, slice.rows, slice.columns}, weights, prefix, kernels_);
  };
  shape.sensitivities =
      std::make_unique<UnetEngine>(unet(sizes_.sens_chans, "sens_net.norm_unet.unet."));
  for (int64_t i = 0; i < sizes_.cascades; ++i)
    shape.cascades.push_back(unet(sizes_.chans, fmt::format("cascades.{}.model.unet.", i)));
  shape.pixels = round_up(slice.rows * slice.columns, kAlignment);
  shape.images.emplace(2 * slice.coils * shape.pixels);
  shape.maps.emplace(2 * slice.coils * shape.pixels);
  shape.combined.emplace(5 * shape.pixels);
}

/// Volumes of one shape have masks of their own: only what depends on them is made anew.
void VarnetEngine::plan_mask(const std::vector<float>& mask) {
  Shape& shape = *shape_;
  shape.mask = mask;
  std::vector<int64_t> sampled;
  for (size_t column = 0; column < mask.size(); ++column)
    if (mask[column] != 0) sampled.push_back(static_cast<int64_t>(column));
  shape.fourier.emplace(shape.rows, shape.columns, sampled, kernels_);
  shape.columns_floats = shape.fourier->columns_floats();
  // A worker has a coil's columns, an image of few frequencies, and what a transform or a U-Net
  // needs; the cascades' U-Nets run alone, over all of that.
  const int64_t transform = shape.columns_floats + shape.fourier->scratch_floats();
  const int64_t of_coil =
      2 * shape.pixels + std::max(transform, shape.sensitivities->workspace_floats());
  shape.work_floats = round_up(of_coil, kAlignment);
  make_at_least(shape.work, std::max(team_.threads() * shape.work_floats,
                                     shape.cascades.front().workspace_floats()));
  if (sizes_.cascades > 1) make_at_least(shape.measured, shape.coils * shape.columns_floats);
}

void VarnetEngine::read_coils(const Slice& slice, int64_t acs_begin, int64_t acs_end) {
  const Shape& shape = *shape_;
  const SampledFourier& fourier = *shape.fourier;
  team_.run(slice.coils, [&](int64_t coil, int worker) {
    float* low = shape.worker(worker);
    float* columns = low + 2 * shape.pixels;
    float* scratch = columns + shape.columns_floats;
    fourier.gather(slice.kspace + coil * slice.rows * slice.columns, columns);
    if (shape.measured) {
      std::copy_n(columns, shape.columns_floats,
                  shape.measured->data() + coil * shape.columns_floats);
    }
    fourier.inverse_columns(columns, scratch);
    fourier.to_image(columns, 0, slice.columns, SampledFourier::Write::kAssign,
                     shape.image(coil, 0), shape.image(coil, 1), scratch);
    fourier.to_image(columns, acs_begin, acs_end, SampledFourier::Write::kAssign, low,
                     low + shape.pixels, scratch);
    shape.sensitivities->run({low, low + shape.pixels}, {shape.map(coil, 0), shape.map(coil, 1)},
                             columns, alone_);
  });
}

void VarnetEngine::make_consistent(float weight) {
  const Shape& shape = *shape_;
  const SampledFourier& fourier = *shape.fourier;
  team_.run(shape.coils, [&](int64_t coil, int worker) {
    float* columns = shape.worker(worker);
    float* scratch = columns + shape.columns_floats;
    float *re = shape.image(coil, 0), *im = shape.image(coil, 1);
    fourier.from_image(re, im, columns, scratch);
    fourier.forward_columns(columns, scratch);
    kernels_.residual(columns, shape.measured->data() + coil * shape.columns_floats,
                      shape.columns_floats, fourier.scale(), weight);
    fourier.inverse_columns(columns, scratch);
    fourier.to_image(columns, 0, shape.columns, SampledFourier::Write::kSubtract, re, im, scratch);
  });
}

void VarnetEngine::cascade(size_t index, bool is_last, const Window& window, float* out) {
  const Shape& shape = *shape_;
  const int64_t pixels = shape.rows * shape.columns;
  constexpr int64_t kRange = 4096;
  const int64_t ranges = (pixels + kRange - 1) / kRange;
  const auto count_of = [&](int64_t range) { return std::min(kRange, pixels - range * kRange); };
  team_.run(ranges, [&](int64_t range, int) {
    const int64_t at = range * kRange;
    kernels_.combine_coils(shape.coil_pixels(at, count_of(range)), shape.plane(0) + at,
                           shape.plane(1) + at, shape.plane(4) + at);
  });
  shape.cascades[index].run({shape.plane(0), shape.plane(1)}, {shape.plane(2), shape.plane(3)},
                            shape.work->data(), team_);
  // The images less what the U-Net took for artefact, and what is not as it was measured; both of
  // the images as they were before the cascade.
  if (index > 0) {
    make_consistent(weights_.at(fmt::format("cascades.{}.dc_weight", index)).front());
  }
  if (!is_last) {
    team_.run(ranges, [&](int64_t range, int) {
      const int64_t at = range * kRange;
      kernels_.subtract_artefact(shape.coil_pixels(at, count_of(range)), shape.plane(2) + at,
                                 shape.plane(3) + at, shape.plane(4) + at, shape.image(0, 0) + at,
                                 shape.image(0, 1) + at);
    });
    return;
  }
  team_.run(window.rows, [&](int64_t row, int) {
    const int64_t at = (window.top + row) * shape.columns + window.left;
    kernels_.root_sum_of_squares(shape.coil_pixels(at, window.columns), shape.plane(2) + at,
                                 shape.plane(3) + at, shape.plane(4) + at,
                                 out + row * window.columns);
  });
}

void VarnetEngine::reconstruct(const Slice& slice, int64_t acs_begin, int64_t acs_end,
                               const Window& window, float* out) {
  prepare(slice);
  read_coils(slice, acs_begin, acs_end);
  for (size_t i = 0; i < shape_->cascades.size(); ++i)
    cascade(i, i + 1 == shape_->cascades.size(), window, out);
}

std::string VarnetEngine::plan_text() const {
  if (!shape_) return "";
  return fmt::format(
      "kernels: {}, threads: {}\n\nsensitivities, for each of {} coils\n{}\ncascade, {} times\n{}",
      kernels_.name, team_.threads(), shape_->coils, shape_->sensitivities->plan_text(),
      sizes_.cascades, shape_->cascades.front().plan_text());
}

int64_t VarnetEngine::memory_bytes() const {
  int64_t floats = 0;
  for (const auto& [name, values] : weights_) floats += static_cast<int64_t>(values.size());
  if (shape_) {
    for (const auto* arena :
         {&shape_->images, &shape_->maps, &shape_->measured, &shape_->combined, &shape_->work})
      if (*arena) floats += (*arena)->floats();
  }
  return 4 * floats;
}

}  // namespace reconproof::baseline::engine
