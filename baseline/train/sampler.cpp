// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/train/sampler.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/types.h>

namespace reconproof::baseline {
namespace {

int64_t draw_seed() { return torch::empty({}, torch::kLong).random_().item<int64_t>(); }

}  // namespace

void draw_base_seed() { draw_seed(); }

std::vector<int64_t> shuffled_epoch(int64_t count) {
  draw_base_seed();
  // RandomSampler shuffles with a generator of its own, whose seed it takes from the default one.
  const at::Generator generator =
      at::detail::createCPUGenerator(static_cast<uint64_t>(draw_seed()));
  const torch::Tensor order = torch::randperm(count, generator, torch::kLong);
  const int64_t* first = order.data_ptr<int64_t>();
  return {first, first + count};
}

}  // namespace reconproof::baseline
