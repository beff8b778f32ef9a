// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/train/step_time.h"

#include "baseline/train/adam.h"
#include "baseline/train/forward.h"

namespace reconproof::baseline {

SliceTime time_steps(const VarnetSizes& sizes, const SliceShape& shape, int64_t steps,
                     torch::Device device, Backend backend, bool recompute) {
  const ImageGeometry geometry;
  const std::shared_ptr<Network> network = make_network(sizes, geometry);
  const Execution execution{Precision::kFloat32, recompute};
  network->set_execution(execution);
  network->to(device);
  Adam optimizer(*network);
  Forward forward(*network, execution, device, backend);
  const NetworkInput input = random_input(shape, device);
  const torch::Tensor target = torch::rand({1, geometry.size, geometry.size}).to(device);
  const torch::Tensor maximum = torch::ones({1}).to(device);
  return time_runs(steps, device, [&] {
    optimizer.zero_gradients();
    forward.accumulate(input, target, maximum, 1);
    optimizer.step(1e-3);
  });
}

}  // namespace reconproof::baseline
