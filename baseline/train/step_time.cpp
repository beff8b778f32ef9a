// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/train/step_time.h"

#include <torch/optim/adam.h>

#include "baseline/train/forward.h"

namespace reconproof::baseline {

SliceTime time_steps(const VarnetSizes& sizes, const SliceShape& shape, int64_t steps,
                     torch::Device device, Backend backend, bool recompute) {
  const ImageGeometry geometry;
  const std::shared_ptr<Network> network = make_network(sizes, geometry);
  const Execution execution{Precision::kFloat32, recompute};
  network->set_execution(execution);
  network->to(device);
  torch::optim::Adam optimizer(network->parameters(), torch::optim::AdamOptions(1e-3));
  Forward forward(*network, execution, device, backend);
  const NetworkInput input = random_input(shape, device);
  const torch::Tensor target = torch::rand({1, geometry.size, geometry.size}).to(device);
  const torch::Tensor maximum = torch::ones({1}).to(device);
  return time_runs(steps, device, [&] {
    optimizer.zero_grad();
    forward.loss(forward.reconstruct(input), target, maximum).backward();
    optimizer.step();
  });
}

}  // namespace reconproof::baseline
