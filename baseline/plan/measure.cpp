// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/plan/measure.h"

#include <torch/cuda.h>
#include <torch/utils.h>

#include <algorithm>
#include <functional>

#include "baseline/memory.h"
#include "baseline/model/ssim_loss.h"
#include "baseline/train/adam.h"
#include "system/clock.h"

namespace reconproof::baseline {
namespace {

constexpr int64_t kAcceleration = 4;

/// Every fourth column and a tenth in the middle, as the challenge samples.
NetworkInput random_input(const NetworkSizes& sizes, const formats::Shape& shape) {
  if (domain_of(sizes) == Domain::kImage) return {{}, {}, torch::rand(shape)};
  const int64_t columns = shape[2], centre = std::max<int64_t>(2, columns / 12);
  torch::Tensor mask = torch::zeros({columns});
  mask.slice(0, 0, columns, kAcceleration).fill_(1);
  mask.narrow(0, (columns - centre) / 2, centre).fill_(1);
  const torch::Tensor kspace = torch::randn({1, shape[0], shape[1], columns}, torch::kComplexFloat);
  return {kspace.mul_(mask), mask, {}};
}

double now(torch::Device device) {
  if (device.is_cuda()) torch::cuda::synchronize();
  const bool alone = device.is_cpu() && torch::get_num_threads() == 1;
  return alone ? system::thread_cpu_seconds() : system::monotonic_seconds();
}

/// Once, or at least `repeats` times and as often as a second allows: what is short is disturbed
/// most.
MeasuredPass measured(const std::function<void()>& pass, torch::Device device, int64_t before,
                      int repeats) {
  constexpr double kLeastTotal = 1;
  constexpr int kMostRepeats = 20;
  MeasuredPass result;
  pass();
  reset_peak_memory(device);
  double total = 0;
  for (int i = 0; i < repeats || (repeats > 1 && total < kLeastTotal && i < kMostRepeats); ++i) {
    const double begin = now(device);
    pass();
    const double seconds = now(device) - begin;
    total += seconds;
    result.seconds = i == 0 ? seconds : std::min(result.seconds, seconds);
  }
  result.peak_bytes = peak_memory(device);
  if (result.peak_bytes) *result.peak_bytes -= before;
  return result;
}

}  // namespace

MeasuredNetwork measure_network(const NetworkSizes& sizes, const Execution& execution,
                                const formats::Shape& shape, const ImageGeometry& geometry,
                                torch::Device device, int repeats) {
  reset_peak_memory(device);
  const int64_t before = peak_memory(device).value_or(0);
  const std::shared_ptr<Network> network = make_network(sizes, geometry);
  network->to(device);
  network->set_execution(execution);
  const NetworkInput input = random_input(sizes, shape).to(device);
  MeasuredNetwork result;
  network->eval();
  result.inference = measured(
      [&] {
        const torch::NoGradGuard no_gradients;
        network->reconstruct(input);
      },
      device, before, repeats);
  network->train();
  const formats::Shape label =
      domain_of(sizes) == Domain::kImage ? shape : formats::Shape{1, geometry.size, geometry.size};
  const torch::Tensor target = torch::rand(label, device);
  const torch::Tensor maximum = torch::ones({target.size(0)}, device);
  Adam optimizer(*network);
  result.training = measured(
      [&] {
        optimizer.zero_gradients();
        ssim_loss(network->reconstruct(input), target, maximum).backward();
        optimizer.step(1e-3);
      },
      device, before, repeats);
  return result;
}

}  // namespace reconproof::baseline
