// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/varnet_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace reconproof::baseline::engine {

using challenge::VarnetSizes;

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
  int64_t columns_floats = 0;
  std::optional<Arena> kept, measured, work;  // kept: images, maps and planes
  CoilImages images, maps;
  int64_t work_floats = 0;  // of a worker

  /// 0, 1: the parts of an image of all coils; 2, 3: of its artefact; 4: of the inverse of the
  /// maps' root sum of squares.
  float* plane(int index) const {
    return kept->data() + images.floats() + maps.floats() + index * images.pixels;
  }
  float* worker(int index) const { return work->data() + index * work_floats; }
};

VarnetEngine::VarnetEngine(const VarnetSizes& sizes, Weights weights, int threads,
                           const Kernels& kernels)
    : sizes_(sizes), weights_(std::move(weights)), team_(threads), kernels_(kernels) {}

VarnetEngine::~VarnetEngine() = default;

void VarnetEngine::prepare(const Slice& slice) {
  if (!shape_ || shape_->coils != slice.coils || shape_->rows != slice.rows ||
      shape_->columns != slice.columns)
    plan_shape(slice);
  const std::vector<float> mask(slice.mask, slice.mask + slice.columns);
  if (shape_->mask == mask) return;
  shape_->mask.clear();  // of no plan, if this one fails
  plan_mask(slice);
  shape_->mask = mask;
}

void VarnetEngine::plan_shape(const Slice& slice) {
  shape_.reset();  // its memory is free before the next one's is taken
  auto planned = std::make_unique<Shape>();
  Shape& shape = *planned;
  shape.coils = slice.coils, shape.rows = slice.rows, shape.columns = slice.columns;
  const auto unet = [&](int64_t chans, const std::string& prefix) {
    UnetEngine engine({chans, sizes_.pools, slice.rows, slice.columns}, prefix, kernels_);
    engine.load(weights_);
    return engine;
  };
  shape.sensitivities =
      std::make_unique<UnetEngine>(unet(sizes_.sens_chans, "sens_net.norm_unet.unet."));
  for (int64_t i = 0; i < sizes_.cascades; ++i)
    shape.cascades.push_back(unet(sizes_.chans, fmt::format("cascades.{}.model.unet.", i)));
  shape.images = shape.maps = CoilImages::of(slice);
  constexpr int64_t kPlanes = 5;
  shape.kept.emplace(shape.images.floats() + shape.maps.floats() + kPlanes * shape.images.pixels);
  shape.images.data = shape.kept->data();
  shape.maps.data = shape.images.data + shape.images.floats();
  shape_ = std::move(planned);
}

/// Volumes of one shape have masks of their own: only what depends on them is made anew.
void VarnetEngine::plan_mask(const Slice& slice) {
  Shape& shape = *shape_;
  shape.fourier.emplace(fourier_for(slice, kernels_));
  shape.columns_floats = shape.fourier->columns_floats();
  // A worker has a coil's columns and what their transform needs, or what a U-Net needs; the
  // cascades' U-Nets run alone, over all of that.
  const int64_t transform = shape.columns_floats + shape.fourier->scratch_floats();
  shape.work_floats =
      round_up(std::max(transform, shape.sensitivities->scratch_floats()), kAlignment);
  make_at_least(shape.work, std::max(team_.threads() * shape.work_floats,
                                     shape.cascades.front().scratch_floats()));
  if (sizes_.cascades > 1) make_at_least(shape.measured, shape.coils * shape.columns_floats);
}

void VarnetEngine::read_coils(const Slice& slice, const AcsColumns& acs) {
  const Shape& shape = *shape_;
  const SampledFourier& fourier = *shape.fourier;
  team_.run(slice.coils, [&](int64_t coil, int worker) {
    float* columns = shape.worker(worker);
    float* scratch = columns + shape.columns_floats;
    fourier.gather(slice.kspace + coil * slice.rows * slice.columns, columns);
    if (shape.measured) {
      std::copy_n(columns, shape.columns_floats,
                  shape.measured->data() + coil * shape.columns_floats);
    }
    fourier.inverse_columns(columns, scratch);
    fourier.to_image(columns, 0, slice.columns, SampledFourier::Write::kAssign,
                     shape.images.re(coil), shape.images.im(coil), scratch);
    // The image of few frequencies lies where the map will.
    float *re = shape.maps.re(coil), *im = shape.maps.im(coil);
    fourier.to_image(columns, acs.begin, acs.end, SampledFourier::Write::kAssign, re, im, scratch);
    shape.sensitivities->run({re, im}, {re, im}, {columns}, alone_);
  });
}

void VarnetEngine::cascade(size_t index, bool is_last, const Window& window, float* out) {
  const Shape& shape = *shape_;
  const int64_t pixels = shape.rows * shape.columns;
  for_pixels(team_, pixels, [&](int64_t at, int64_t count) {
    kernels_.combine_coils(coil_pixels(shape.images, shape.maps, at, count), shape.plane(0) + at,
                           shape.plane(1) + at, shape.plane(4) + at);
  });
  shape.cascades[index].run({shape.plane(0), shape.plane(1)}, {shape.plane(2), shape.plane(3)},
                            {shape.work->data()}, team_);
  // The images less what the U-Net took for artefact, and what is not as it was measured; both of
  // the images as they were before the cascade.
  if (index > 0) {
    const float weight = *weights_(fmt::format("cascades.{}.dc_weight", index));
    team_.run(shape.coils, [&](int64_t coil, int worker) {
      float* columns = shape.worker(worker);
      make_consistent(
          *shape.fourier, kernels_, shape.measured->data() + coil * shape.columns_floats, weight,
          shape.images.re(coil), shape.images.im(coil), columns, columns + shape.columns_floats);
    });
  }
  if (!is_last) {
    for_pixels(team_, pixels, [&](int64_t at, int64_t count) {
      kernels_.subtract_artefact(coil_pixels(shape.images, shape.maps, at, count),
                                 shape.plane(2) + at, shape.plane(3) + at, shape.plane(4) + at,
                                 shape.images.re(0) + at, shape.images.im(0) + at);
    });
    return;
  }
  team_.run(window.rows, [&](int64_t row, int) {
    const int64_t at = (window.top + row) * shape.columns + window.left;
    kernels_.root_sum_of_squares(coil_pixels(shape.images, shape.maps, at, window.columns),
                                 shape.plane(2) + at, shape.plane(3) + at, shape.plane(4) + at,
                                 out + row * window.columns);
  });
}

void VarnetEngine::reconstruct(const Slice& slice, const AcsColumns& acs, const Window& window,
                               float* out) {
  prepare(slice);
  read_coils(slice, acs);
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
  if (shape_) {
    floats += shape_->sensitivities->weight_floats();
    for (const UnetEngine& cascade : shape_->cascades) floats += cascade.weight_floats();
    for (const auto* arena : {&shape_->kept, &shape_->measured, &shape_->work})
      if (*arena) floats += (*arena)->floats();
  }
  return 4 * floats;
}

}  // namespace reconproof::baseline::engine
