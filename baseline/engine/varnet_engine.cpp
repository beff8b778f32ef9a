// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/varnet_engine.h"

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
struct VarnetEngine::Shape : VarnetPlan {
  using VarnetPlan::VarnetPlan;

  std::optional<Arena> kept, measured, work;  // kept: images, maps and planes
  CoilImages images, maps;
  int64_t work_floats = 0;  // of a worker

  /// 0, 1: the parts of an image of all coils, then of its artefact; 2: of the inverse of the maps'
  /// root sum of squares.
  float* plane(int index) const {
    return kept->data() + images.floats() + maps.floats() + index * images.pixels;
  }
  float* worker(int index) const { return work->data() + index * work_floats; }
};

VarnetEngine::VarnetEngine(const VarnetSizes& sizes, Weights weights, int threads,
                           const Kernels& kernels)
    : sizes_(sizes), weights_(std::move(weights)), team_(threads), kernels_(kernels) {}

VarnetEngine::~VarnetEngine() = default;

void VarnetEngine::plan_shape(const Slice& slice) {
  shape_.reset();  // its memory is free before the next one's is taken
  auto planned = std::make_unique<Shape>(slice, sizes_, kernels_, Backward::kNone, Backward::kNone);
  Shape& shape = *planned;
  shape.load(weights_);
  shape.images = shape.maps = CoilImages::of(shape.coils, shape.pixels());
  constexpr int64_t kPlanes = 3;
  shape.kept.emplace(shape.images.floats() + shape.maps.floats() + kPlanes * shape.images.pixels);
  shape.images.data = shape.kept->data();
  shape.maps.data = shape.images.data + shape.images.floats();
  shape_ = std::move(planned);
}

void VarnetEngine::plan_mask(const Slice& slice) {
  Shape& shape = *shape_;
  shape.fourier.emplace(fourier_for(slice, kernels_));
  const int64_t columns = shape.fourier->columns_floats();
  // A worker has a coil's columns and what their transform needs, or what a U-Net needs; the
  // cascades' U-Nets run alone, over all of that.
  const int64_t transform = columns + shape.fourier->scratch_floats();
  shape.work_floats =
      round_up(std::max(transform, shape.sensitivities.scratch_floats()), kAlignment);
  make_at_least(shape.work, std::max(team_.threads() * shape.work_floats,
                                     shape.cascades.front().scratch_floats()));
  if (sizes_.cascades > 1) make_at_least(shape.measured, shape.coils * columns);
}

void VarnetEngine::read_coils(const Slice& slice, const AcsColumns& acs) {
  const Shape& shape = *shape_;
  const SampledFourier& fourier = *shape.fourier;
  team_.run(slice.coils, [&](int64_t coil, int worker) {
    float* columns = shape.worker(worker);
    float* scratch = columns + shape.fourier->columns_floats();
    fourier.gather(slice.kspace + coil * shape.pixels(), columns);
    if (shape.measured) {
      std::copy_n(columns, shape.fourier->columns_floats(),
                  shape.measured->data() + coil * shape.fourier->columns_floats());
    }
    fourier.inverse_columns(columns, scratch);
    fourier.to_image(columns, 0, slice.columns, SampledFourier::Write::kAssign,
                     shape.images.re(coil), shape.images.im(coil), scratch);
    // The image of few frequencies lies where the map will.
    float *re = shape.maps.re(coil), *im = shape.maps.im(coil);
    fourier.to_image(columns, acs.begin, acs.end, SampledFourier::Write::kAssign, re, im, scratch);
    shape.sensitivities.run({re, im}, {re, im}, {columns}, alone_);
  });
}

void VarnetEngine::cascade(size_t index, bool is_last, const Window& window, float* out) {
  const Shape& shape = *shape_;
  for_pixels(team_, shape.pixels(), [&](int64_t at, int64_t count) {
    kernels_.combine_coils(coil_pixels(shape.images, shape.maps, at, count), shape.plane(0) + at,
                           shape.plane(1) + at, shape.plane(2) + at);
  });
  shape.cascades[index].run({shape.plane(0), shape.plane(1)}, {shape.plane(0), shape.plane(1)},
                            {shape.work->data()}, team_);
  // The images less what the U-Net took for artefact, and what is not as it was measured; both of
  // the images as they were before the cascade.
  if (index > 0) {
    const float weight = *weights_(cascade_prefix(index) + "dc_weight");
    team_.run(shape.coils, [&](int64_t coil, int worker) {
      float* columns = shape.worker(worker);
      make_consistent(*shape.fourier, kernels_,
                      shape.measured->data() + coil * shape.fourier->columns_floats(), weight,
                      shape.images.re(coil), shape.images.im(coil), columns,
                      columns + shape.fourier->columns_floats());
    });
  }
  if (!is_last) {
    for_pixels(team_, shape.pixels(), [&](int64_t at, int64_t count) {
      kernels_.subtract_artefact(coil_pixels(shape.images, shape.maps, at, count),
                                 shape.plane(0) + at, shape.plane(1) + at, shape.plane(2) + at,
                                 shape.images.re(0) + at, shape.images.im(0) + at);
    });
    return;
  }
  team_.run(window.rows, [&](int64_t row, int) {
    const int64_t at = (window.top + row) * shape.columns + window.left;
    kernels_.root_sum_of_squares(coil_pixels(shape.images, shape.maps, at, window.columns),
                                 shape.plane(0) + at, shape.plane(1) + at, shape.plane(2) + at,
                                 out + row * window.columns);
  });
}

void VarnetEngine::reconstruct(const Slice& slice, const AcsColumns& acs, const Window& window,
                               float* out) {
  prepare(
      shape_, slice, [&] { plan_shape(slice); }, [&] { plan_mask(slice); });
  read_coils(slice, acs);
  for (size_t i = 0; i < shape_->cascades.size(); ++i)
    cascade(i, i + 1 == shape_->cascades.size(), window, out);
}

std::string VarnetEngine::plan_text() const {
  return shape_ ? shape_->text(kernels_, team_.threads()) : "";
}

int64_t VarnetEngine::memory_bytes() const {
  int64_t floats = 0;
  if (shape_) {
    floats += shape_->weight_floats();
    for (const auto* arena : {&shape_->kept, &shape_->measured, &shape_->work})
      if (*arena) floats += (*arena)->floats();
  }
  return 4 * floats;
}

}  // namespace reconproof::baseline::engine
