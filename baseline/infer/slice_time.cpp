// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/infer/slice_time.h"

#include <torch/cuda.h>

#include <algorithm>
#include <vector>

#include "baseline/memory.h"
#include "system/clock.h"

namespace reconproof::baseline {
namespace {

constexpr int64_t kWarmUp = 2;
constexpr int64_t kAcceleration = 4;

void finish(torch::Device device) {
  if (device.is_cuda()) torch::cuda::synchronize();
}

}  // namespace

NetworkInput random_input(const SliceShape& shape, torch::Device device) {
  const int64_t centre = std::max<int64_t>(2, shape.columns / 12);
  torch::Tensor mask = torch::zeros({shape.columns});
  mask.slice(0, 0, shape.columns, kAcceleration).fill_(1);
  mask.narrow(0, (shape.columns - centre) / 2, centre).fill_(1);
  const torch::Tensor kspace =
      torch::randn({1, shape.coils, shape.rows, shape.columns}, torch::kComplexFloat).mul_(mask);
  return NetworkInput{kspace, mask, {}}.to(device);
}

SliceTime time_runs(int64_t count, torch::Device device, const std::function<void()>& run) {
  std::vector<double> times;
  reset_peak_memory(device);
  for (int64_t i = 0; i < kWarmUp + count; ++i) {
    finish(device);
    const double begin = system::monotonic_seconds();
    run();
    finish(device);
    if (i >= kWarmUp) times.push_back((system::monotonic_seconds() - begin) * 1e3);
  }
  std::ranges::sort(times);
  return {times[times.size() / 2], times.front(), times.back(), peak_memory(device)};
}

SliceTime time_slices(const VarnetSizes& sizes, const SliceShape& shape, int64_t slices,
                      torch::Device device, Backend backend) {
  const torch::NoGradGuard no_gradients;
  const std::shared_ptr<Network> network = make_network(sizes, ImageGeometry());
  network->eval();
  network->to(device);
  Inference inference(*network, device, backend);
  const NetworkInput input = random_input(shape, device);
  return time_runs(slices, device, [&] { inference.reconstruct(input); });
}

}  // namespace reconproof::baseline
