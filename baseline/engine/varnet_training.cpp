// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/varnet_training.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "baseline/engine/choice.h"

namespace reconproof::baseline::engine {

/// All that belongs to slices of one shape. The coils' images are those of varnet_engine.cpp; each
/// cascade's are kept for the way back, those behind the last one become their own gradients.
struct VarnetTraining::Shape : VarnetPlan {
  using VarnetPlan::VarnetPlan;

  AcsColumns acs;
  Window window;
  std::vector<float> image;  // of the window

  float *measured = nullptr, *work = nullptr;
  std::vector<CoilImages> states;  // before each cascade, and behind the last one
  CoilImages maps, map_gradients;
  float* inverse = nullptr;                               // of the maps' root sum of squares
  std::vector<float*> combined, artefacts;                // of each cascade, two planes
  float *gradient_in = nullptr, *gradient_out = nullptr;  // of a cascade's U-Net, two planes
  // Of each coil, or of a worker; of each cascade, or of one.
  float *sensitivity_kept = nullptr, *cascade_kept = nullptr;
  float *sensitivity_gradients = nullptr, *cascade_gradients = nullptr;
  int64_t work_floats = 0;  // of a worker

  int64_t plane() const { return maps.pixels; }
  float* worker(int index) const { return work + index * work_floats; }
  float* measured_of(int64_t coil) const { return measured + coil * fourier->columns_floats(); }
  float* kept_of(int64_t coil) const {
    return sensitivity_kept + coil * round_up(sensitivities.kept_floats(), kAlignment);
  }
  float* gradients_of(int64_t coil) const {
    return sensitivity_gradients + coil * sensitivities.gradient_floats();
  }
};

VarnetTraining::VarnetTraining(const challenge::VarnetSizes& sizes, Activations activations,
                               int threads, const Kernels& kernels)
    : sizes_(sizes),
      activations_(activations),
      team_(threads),
      kernels_(kernels),
      dc_weights_(static_cast<size_t>(sizes.cascades)),
      dc_gradients_(dc_weights_.size()) {}

VarnetTraining::~VarnetTraining() = default;

/// Without memory.
std::unique_ptr<VarnetTraining::Shape> VarnetTraining::planned(const Slice& slice) const {
  return std::make_unique<Shape>(slice, sizes_, kernels_, Backward::kWeights,
                                 Backward::kWeightsAndInput);
}

void VarnetTraining::plan_shape(const Slice& slice) {
  shape_.reset();
  std::unique_ptr<Shape> shape = planned(slice);
  std::vector<Place> places;
  make_at_least(kept_, lay_out(*shape, places));
  for (const Place& place : places) *place.to = kept_->data() + place.at;
  shape_ = std::move(shape);
}

/// Where everything that stays from slice to slice lies in one block of memory; the block's floats.
int64_t VarnetTraining::lay_out(Shape& shape, std::vector<Place>& places) const {
  const bool keeps = activations_ == Activations::kKept;
  const int64_t cascades = std::ssize(shape.cascades);
  const CoilImages coils = CoilImages::of(shape.coils, shape.pixels());
  shape.maps = shape.map_gradients = coils;
  shape.states.assign(shape.cascades.size() + 1, coils);
  shape.combined.resize(shape.cascades.size());
  shape.artefacts.resize(shape.cascades.size());

  int64_t end = 0;
  const auto give = [&](float*& to, int64_t floats) {
    places.push_back({&to, end});
    end += round_up(floats, kAlignment);
  };
  for (CoilImages& state : shape.states) give(state.data, coils.floats());
  give(shape.maps.data, coils.floats());
  give(shape.map_gradients.data, coils.floats());
  give(shape.inverse, coils.pixels);
  for (float*& planes : shape.combined) give(planes, 2 * coils.pixels);
  for (float*& planes : shape.artefacts) give(planes, 2 * coils.pixels);
  give(shape.gradient_in, 2 * coils.pixels);
  give(shape.gradient_out, 2 * coils.pixels);
  const int64_t of_coil = round_up(shape.sensitivities.kept_floats(), kAlignment);
  const int64_t of_cascade = round_up(shape.cascades.front().kept_floats(), kAlignment);
  give(shape.sensitivity_kept, (keeps ? shape.coils : team_.threads()) * of_coil);
  give(shape.cascade_kept, (keeps ? cascades : 1) * of_cascade);
  give(shape.sensitivity_gradients, shape.coils * shape.sensitivities.gradient_floats());
  give(shape.cascade_gradients, cascades * shape.cascades.front().gradient_floats());
  return end;
}

void VarnetTraining::plan_mask(const Slice& slice) {
  Shape& shape = *shape_;
  shape.fourier.emplace(fourier_for(slice, kernels_));
  const int64_t columns = shape.fourier->columns_floats();
  // A worker has a coil's columns twice and what a transform needs, or what a U-Net needs; the
  // cascades' U-Nets run alone, over all of that.
  const int64_t of_transform = 2 * columns + shape.fourier->scratch_floats();
  shape.work_floats =
      round_up(std::max(of_transform, shape.sensitivities.scratch_floats()), kAlignment);
  const int64_t work =
      std::max(team_.threads() * shape.work_floats, shape.cascades.front().scratch_floats());
  make_at_least(work_, work);
  make_at_least(measured_, slice.coils * columns);
  shape.work = work_->data();
  shape.measured = measured_->data();
}

void VarnetTraining::load(const Weights& weights) {
  shape_->load(weights);
  for (size_t i = 0; i < dc_weights_.size(); ++i)
    dc_weights_[i] = *weights(cascade_prefix(i) + "dc_weight");
}

/// The coil's columns on their way to an image, in the worker's memory.
float* VarnetTraining::begin_coil(int64_t coil, int worker) {
  const SampledFourier& fourier = *shape_->fourier;
  float* columns = shape_->worker(worker);
  std::copy_n(shape_->measured_of(coil), fourier.columns_floats(), columns);
  fourier.inverse_columns(columns, columns + fourier.columns_floats());
  return columns;
}

/// Of these columns the coil's map, with all that its way back needs.
void VarnetTraining::estimate_sensitivities(int64_t coil, int worker, float* columns) {
  const Shape& shape = *shape_;
  // The image of few frequencies lies where the map will.
  float *re = shape.maps.re(coil), *im = shape.maps.im(coil);
  shape.fourier->to_image(columns, shape.acs.begin, shape.acs.end, SampledFourier::Write::kAssign,
                          re, im, columns + shape.fourier->columns_floats());
  const bool keeps = activations_ == Activations::kKept;
  shape.sensitivities.run({re, im}, {re, im}, {columns, shape.kept_of(keeps ? coil : worker)},
                          alone_);
}

void VarnetTraining::read_coils(const Slice& slice) {
  const Shape& shape = *shape_;
  const SampledFourier& fourier = *shape.fourier;
  team_.run(slice.coils, [&](int64_t coil, int worker) {
    fourier.gather(slice.kspace + coil * shape.pixels(), shape.measured_of(coil));
    float* columns = begin_coil(coil, worker);
    fourier.to_image(columns, 0, slice.columns, SampledFourier::Write::kAssign,
                     shape.states[0].re(coil), shape.states[0].im(coil),
                     columns + fourier.columns_floats());
    estimate_sensitivities(coil, worker, columns);
  });
}

void VarnetTraining::run_cascade_unet(size_t index) {
  const Shape& shape = *shape_;
  const float* in = shape.combined[index];
  float* out = shape.artefacts[index];
  shape.cascades[index].run({in, in + shape.plane()}, {out, out + shape.plane()},
                            cascade_memory(index), team_);
}

void VarnetTraining::cascade(size_t index, const Window& window, float* out) {
  const Shape& shape = *shape_;
  const CoilImages &before = shape.states[index], &behind = shape.states[index + 1];
  float *re = shape.combined[index], *im = re + shape.plane();
  for_pixels(team_, shape.pixels(), [&](int64_t at, int64_t count) {
    kernels_.combine_coils(coil_pixels(before, shape.maps, at, count), re + at, im + at,
                           shape.inverse + at);
  });
  run_cascade_unet(index);
  team_.run(before.coils, [&](int64_t coil, int worker) {
    std::copy_n(before.re(coil), 2 * before.pixels, behind.re(coil));
    if (index == 0) return;  // what begins as it was measured is consistent
    float* columns = shape.worker(worker);
    make_consistent(*shape.fourier, kernels_, shape.measured_of(coil), dc_weights_[index],
                    behind.re(coil), behind.im(coil), columns,
                    columns + shape.fourier->columns_floats());
  });
  const float *artefact_re = shape.artefacts[index], *artefact_im = artefact_re + shape.plane();
  if (index + 1 == shape.cascades.size()) {
    team_.run(window.rows, [&](int64_t row, int) {
      const int64_t at = (window.top + row) * shape.columns + window.left;
      kernels_.root_sum_of_squares(coil_pixels(behind, shape.maps, at, window.columns),
                                   artefact_re + at, artefact_im + at, shape.inverse + at,
                                   out + row * window.columns);
    });
  }
  for_pixels(team_, shape.pixels(), [&](int64_t at, int64_t count) {
    kernels_.subtract_artefact(coil_pixels(behind, shape.maps, at, count), artefact_re + at,
                               artefact_im + at, shape.inverse + at, behind.re(0) + at,
                               behind.im(0) + at);
  });
}

void VarnetTraining::forth(const Slice& slice, const AcsColumns& acs, const Window& window,
                           const Weights& weights, float* out) {
  prepare(
      shape_, slice, [&] { plan_shape(slice); }, [&] { plan_mask(slice); });
  Shape& shape = *shape_;
  shape.acs = acs;
  shape.window = window;
  load(weights);
  read_coils(slice);
  for (size_t i = 0; i < shape.cascades.size(); ++i) cascade(i, window, out);
  shape.image.assign(out, out + window.rows * window.columns);
}

/// Of the images behind the last cascade: those of their root sum of squares, which is cropped.
void VarnetTraining::begin_back(const float* gradient) {
  const Shape& shape = *shape_;
  const Window& window = shape.window;
  const CoilImages& images = shape.states.back();
  std::vector<float> factors(static_cast<size_t>(window.rows * window.columns));
  for (size_t i = 0; i < factors.size(); ++i)
    factors[i] = shape.image[i] > 0 ? gradient[i] / shape.image[i] : 0;
  team_.run(images.coils, [&](int64_t coil, int) {
    std::fill_n(shape.map_gradients.re(coil), 2 * images.pixels, 0.F);
    for (float* part : {images.re(coil), images.im(coil)}) {
      float* pixel = part;
      for (int64_t row = 0; row < window.rows; ++row) {
        float* first = part + (window.top + row) * shape.columns + window.left;
        std::fill(pixel, first, 0.F);
        const float* factor = factors.data() + row * window.columns;
        for (int64_t i = 0; i < window.columns; ++i) first[i] *= factor[i];
        pixel = first + window.columns;
      }
      std::fill(pixel, part + shape.pixels(), 0.F);
    }
  });
}

/// From the gradients behind the step of data consistency to those before it; that of its weight.
float VarnetTraining::make_consistent_back(size_t index) {
  Shape& shape = *shape_;
  const SampledFourier& fourier = *shape.fourier;
  const CoilImages &images = shape.states[index], &gradients = shape.states.back();
  const int64_t floats = fourier.columns_floats();
  std::vector<float> parts(static_cast<size_t>(images.coils));
  team_.run(images.coils, [&](int64_t coil, int worker) {
    float *of_gradient = shape.worker(worker), *of_image = of_gradient + floats;
    float* scratch = of_image + floats;
    fourier.from_image(gradients.re(coil), gradients.im(coil), of_gradient, scratch);
    fourier.forward_columns(of_gradient, scratch);
    fourier.from_image(images.re(coil), images.im(coil), of_image, scratch);
    fourier.forward_columns(of_image, scratch);
    kernels_.residual(of_image, shape.measured_of(coil), floats, fourier.scale(), 1);
    // The transform is unitary: products of images are those of their k-spaces.
    float& part = parts[static_cast<size_t>(coil)];
    kernels_.products1({of_gradient, 0, of_image, 0, floats, &part});
    kernels_.assign(of_image, of_gradient, floats, fourier.scale() * dc_weights_[index]);
    fourier.inverse_columns(of_image, scratch);
    fourier.to_image(of_image, 0, shape.columns, SampledFourier::Write::kSubtract,
                     gradients.re(coil), gradients.im(coil), scratch);
  });
  return -fourier.scale() * std::accumulate(parts.begin(), parts.end(), 0.F);
}

void VarnetTraining::cascade_back(size_t index) {
  Shape& shape = *shape_;
  const CoilImages &images = shape.states[index], &gradients = shape.states.back();
  const float *artefact_re = shape.artefacts[index], *artefact_im = artefact_re + shape.plane();
  float *of_artefact_re = shape.gradient_out, *of_artefact_im = of_artefact_re + shape.plane();
  for_pixels(team_, shape.pixels(), [&](int64_t at, int64_t count) {
    kernels_.artefact_gradient(coil_pixels(gradients, shape.maps, at, count), artefact_re + at,
                               artefact_im + at, shape.inverse + at, shape.map_gradients.from(at),
                               of_artefact_re + at, of_artefact_im + at);
  });
  // Those of the last cascade are still there.
  const bool is_last = index + 1 == shape.cascades.size();
  if (activations_ == Activations::kRecomputed && !is_last) run_cascade_unet(index);
  float *of_image_re = shape.gradient_in, *of_image_im = of_image_re + shape.plane();
  shape.cascades[index].run_back({of_artefact_re, of_artefact_im}, {of_image_re, of_image_im},
                                 cascade_memory(index), team_);
  dc_gradients_[index] = index > 0 ? make_consistent_back(index) : 0;
  for_pixels(team_, shape.pixels(), [&](int64_t at, int64_t count) {
    // The first cascade's images are data.
    kernels_.combination_gradient(coil_pixels(images, shape.maps, at, count), of_image_re + at,
                                  of_image_im + at, shape.inverse + at,
                                  shape.map_gradients.from(at),
                                  index > 0 ? gradients.from(at) : MutableCoils{});
  });
}

void VarnetTraining::sensitivities_back() {
  const Shape& shape = *shape_;
  for_pixels(team_, shape.pixels(), [&](int64_t at, int64_t count) {
    kernels_.map_gradient(coil_pixels(shape.maps, shape.maps, at, count), shape.inverse + at,
                          shape.map_gradients.from(at));
  });
  const bool keeps = activations_ == Activations::kKept;
  team_.run(shape.maps.coils, [&](int64_t coil, int worker) {
    if (!keeps) estimate_sensitivities(coil, worker, begin_coil(coil, worker));
    shape.sensitivities.run_back(
        {shape.map_gradients.re(coil), shape.map_gradients.im(coil)}, {nullptr, nullptr},
        {shape.worker(worker), shape.kept_of(keeps ? coil : worker), shape.gradients_of(coil)},
        alone_);
  });
  float* sum = shape.gradients_of(0);
  for (int64_t coil = 1; coil < shape.maps.coils; ++coil)
    for (int64_t i = 0; i < shape.sensitivities.gradient_floats(); ++i)
      sum[i] += shape.gradients_of(coil)[i];
}

Memory VarnetTraining::cascade_memory(size_t index) const {
  const Shape& shape = *shape_;
  const UnetEngine& unet = shape.cascades[index];
  const auto number = static_cast<int64_t>(index);
  const int64_t kept = round_up(unet.kept_floats(), kAlignment);
  return {shape.work, shape.cascade_kept + (activations_ == Activations::kKept ? number * kept : 0),
          shape.cascade_gradients + number * unet.gradient_floats()};
}

void VarnetTraining::back(const float* gradient, const Gradients& to) {
  const Shape& shape = *shape_;
  begin_back(gradient);
  for (size_t i = shape.cascades.size(); i-- > 0;) cascade_back(i);
  sensitivities_back();
  const auto give = [&](const UnetEngine& unet, const float* gradients) {
    for (const WeightPlace& place : unet.weight_places())
      std::copy_n(gradients + place.at, place.count, to(unet.prefix() + place.name));
  };
  give(shape.sensitivities, shape.gradients_of(0));
  for (size_t i = 0; i < shape.cascades.size(); ++i) {
    give(shape.cascades[i], cascade_memory(i).gradients);
    *to(cascade_prefix(i) + "dc_weight") = dc_gradients_[i];
  }
}

int64_t VarnetTraining::planned_bytes(const challenge::VarnetSizes& sizes, Activations activations,
                                      int threads, int64_t coils, int64_t rows, int64_t columns) {
  const VarnetTraining training(sizes, activations, threads, best_kernels());
  const std::unique_ptr<Shape> shape = training.planned({nullptr, nullptr, coils, rows, columns});
  std::vector<Place> places;
  const int64_t kept = training.lay_out(*shape, places);
  // As a mask of a third of the columns needs; others need little more or less.
  const int64_t measured = 2 * coils * rows * (columns / 3);
  const int64_t work = std::max(threads * shape->sensitivities.scratch_floats(),
                                shape->cascades.front().scratch_floats());
  int64_t weights = 4 * shape->sensitivities.gradient_floats();
  for (const UnetEngine& cascade : shape->cascades) weights += 4 * cascade.gradient_floats();
  return 4 * (kept + measured + work + weights);
}

std::string VarnetTraining::plan_text() const {
  return shape_ ? shape_->text(kernels_, team_.threads()) : "";
}

int64_t VarnetTraining::memory_bytes() const {
  int64_t floats = 0;
  for (const auto* arena : {&kept_, &measured_, &work_})
    if (*arena) floats += (*arena)->floats();
  if (shape_) floats += shape_->weight_floats();
  return 4 * floats;
}

}  // namespace reconproof::baseline::engine
