// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/plan/network_cost.h"

#include <cmath>
#include <string>

#include "baseline/plan/shadow_ssim_loss.h"
#include "baseline/plan/shadow_unet.h"
#include "system/environment.h"

namespace reconproof::baseline {
namespace {

using formats::Shape;

constexpr int64_t kComplex = 8, kFloat = 4, kHalf = 2;

/// The shadows of model/varnet.h. K-space arrays are [C, H, W] c64.
class ShadowVarnet {
 public:
  ShadowVarnet(const VarnetSizes& sizes, const Execution& execution, Shadows& shadows,
               DeviceKind device)
      : sizes_(sizes),
        recompute_(execution.recompute),
        shadows_(shadows),
        layers_(shadows, execution.precision == Precision::kFloat32 ? kFloat : kHalf,
                device.channel_block) {}

  Shadow forward(const Shadow& kspace, int64_t image_size) {
    array_ = kspace.bytes();
    const Shadow maps = sensitivities(kspace);
    Shadow predicted = kspace;
    for (int64_t i = 0; i < sizes_.cascades; ++i) {
      const auto step = [this, &kspace](const Shadow& current, const Shadow& sens) {
        return cascade(current, kspace, sens);
      };
      predicted = recompute_ ? shadows_.recomputed(step, predicted, maps) : step(predicted, maps);
    }
    const Shadow magnitude = root_sum_of_squares(fourier(predicted));
    return layers_.reduce(magnitude, {1, image_size, image_size});
  }

 private:
  Shadow sensitivities(const Shadow& kspace) {
    const Shadow images = fourier(layers_.pointwise({kspace}, {}));
    const Shadow maps =
        shadow_norm_unet(layers_, images, sizes_.sens_chans, sizes_.pools, recompute_);
    const Shadow magnitude = root_sum_of_squares(maps);
    return layers_.pointwise({maps, magnitude}, {maps, magnitude}, false, {2 * array_});
  }

  Shadow cascade(const Shadow& current, const Shadow& measured, const Shadow& maps) {
    const Shadow consistency = [&] {
      const Shadow difference = layers_.pointwise({current, measured}, {}, true);
      const Shadow masked = layers_.pointwise({difference});
      Operation weighted{.shape = masked.shape, .element = kComplex};
      weighted.inputs = weighted.saved = {masked};
      weighted.has_parameters = true;
      weighted.backward_scratch = {array_};
      weighted.forward = work_of(Kind::kPointwise, 2.0 * static_cast<double>(array_));
      weighted.backward = 2 * weighted.forward;
      return shadows_.apply(weighted);
    }();
    const Shadow coils = fourier(current);
    Shadow image = layers_.reduce(multiplied(coils, conjugated(maps), coils.shape),
                                  {1, maps.shape[1], maps.shape[2], 2});
    image.shape.pop_back();
    image.element = kComplex;
    const Shadow artefact = shadow_norm_unet(layers_, image, sizes_.chans, sizes_.pools, false);
    const Shadow in_coils = multiplied(artefact, maps, maps.shape);
    const Shadow kept = layers_.pointwise({current, consistency}, {}, true);
    return layers_.pointwise({kept, fourier(in_coils)}, {}, true);
  }

  /// Shift, transform, shift back: all that is made stays until the end of the statement.
  Shadow fourier(const Shadow& x) {
    Operation operation{.shape = x.shape, .element = kComplex};
    operation.inputs = {x};
    operation.scratch = {2 * array_, 3 * array_};
    operation.backward_scratch = {array_};
    const double points = static_cast<double>(x.shape[1] * x.shape[2]);
    const double coils = static_cast<double>(x.shape[0]);
    operation.forward = work_of(Kind::kFourier, coils * 5 * points * std::log2(points));
    operation.forward += work_of(Kind::kPointwise, 8.0 * static_cast<double>(array_));
    operation.backward = operation.forward;
    return shadows_.apply(operation);
  }

  /// Products of real and imaginary parts, each an array of half the size, then put together.
  Shadow multiplied(const Shadow& x, const Shadow& y, const Shape& shape) {
    Operation operation{.shape = shape, .element = kComplex};
    operation.inputs = operation.saved = {x, y};
    operation.scratch = {2 * array_, array_};
    operation.backward_scratch = {2 * array_};
    operation.forward = 8 * work_of(Kind::kPointwise, 11.0 / 8 * static_cast<double>(array_));
    operation.backward = 3 * operation.forward;
    return shadows_.apply(operation);
  }

  Shadow conjugated(const Shadow& maps) {
    return layers_.pointwise({maps}, {}, false, {2 * array_});
  }

  Shadow root_sum_of_squares(const Shadow& coils) {
    const Shadow squares = layers_.pointwise({coils}, {coils}, false, {array_});
    const Shape image = {1, coils.shape[1], coils.shape[2]};
    const Shadow sum = layers_.reduce(squares, image);
    return layers_.pointwise({sum}, {sum});
  }

  const VarnetSizes sizes_;
  const bool recompute_;
  int64_t array_ = 0;  // bytes of the k-space
  Shadows& shadows_;
  Layers layers_;
};

int64_t parameter_count(const NetworkSizes& sizes) {
  int64_t values = 0;
  for (const challenge::NetworkTensor& tensor : challenge::network_tensors(sizes)) {
    int64_t count = 1;
    for (const int64_t extent : tensor.shape) count *= extent;
    values += count;
  }
  return values;
}

PassCost pass(const NetworkSizes& sizes, const Execution& execution, const Shape& shape,
              int64_t image_size, DeviceKind device, bool training) {
  Shadows shadows(training);
  Layers layers(shadows, kFloat, device.channel_block);  // of what is always computed so exactly
  Shadow output;
  Shape label = shape;
  if (const auto* varnet = std::get_if<VarnetSizes>(&sizes)) {
    label = {1, image_size, image_size};
    const Shadow kspace = shadows.given(shape, kComplex);
    output = ShadowVarnet(*varnet, execution, shadows, device).forward(kspace, image_size);
  } else {
    const Shadow image = shadows.given(shape, kFloat);
    output = shadow_image_unet(layers, image);
  }
  if (training) {
    const Shadow target = shadows.given(label, kFloat);
    Shadow loss = shadow_ssim_loss(layers, output, target);
    shadows.backward(loss);
  }
  return {shadows.peak_bytes(), shadows.work()};
}

/// By the variable that oneDNN heeds.
bool is_held_to_avx2() {
  std::string most = system::environment_variable("ONEDNN_MAX_CPU_ISA");
  if (most.empty()) most = system::environment_variable("DNNL_MAX_CPU_ISA");
  return !most.empty() && most != "ALL" && most != "DEFAULT" && !most.starts_with("AVX512");
}

}  // namespace

DeviceKind device_kind(torch::Device device) {
  if (device.is_cuda()) return {};
  __builtin_cpu_init();
  return {__builtin_cpu_supports("avx512f") && !is_held_to_avx2() ? 16 : 8};
}

NetworkCost network_cost(const NetworkSizes& sizes, const Execution& execution, const Shape& shape,
                         int64_t image_size, DeviceKind device) {
  NetworkCost cost;
  cost.parameters = parameter_count(sizes);
  cost.inference = pass(sizes, {execution.precision, false}, shape, image_size, device, false);
  cost.training = pass(sizes, execution, shape, image_size, device, true);
  cost.inference.peak_bytes += kFloat * cost.parameters;
  // Weight, gradient and Adam's two moments; the update reads and writes all of them.
  constexpr int64_t kCopies = 4;
  cost.training.peak_bytes += kCopies * kFloat * cost.parameters;
  cost.training.work +=
      work_of(Kind::kPointwise, 3.0 * kCopies * kFloat * static_cast<double>(cost.parameters));
  return cost;
}

}  // namespace reconproof::baseline
