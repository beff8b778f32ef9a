// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/train/adam.h"

#include <gtest/gtest.h>
#include <torch/optim/adam.h>
#include <torch/types.h>

#include "baseline/model/varnet.h"

namespace reconproof::baseline {
namespace {

// Tensors of 1, 3, 18 and more values, most no multiple of a vector's.
constexpr VarnetSizes kAdamSizes{.cascades = 2, .chans = 3, .sens_chans = 2, .pools = 3};

Varnet network() {
  torch::manual_seed(430);
  return Varnet(kAdamSizes, 384, Crop::kZeroPad);
}

std::vector<torch::Tensor> random_gradients(const Varnet& model, int64_t step) {
  torch::manual_seed(step);
  std::vector<torch::Tensor> gradients;
  for (const torch::Tensor& parameter : model->parameters())
    gradients.push_back(torch::randn(parameter.sizes()) * std::pow(10.0, step % 5 - 4));
  return gradients;
}

void set_gradients(const Varnet& model, const std::vector<torch::Tensor>& gradients) {
  const torch::NoGradGuard no_gradients;
  for (size_t i = 0; i < gradients.size(); ++i)
    model->parameters()[i].mutable_grad().copy_(gradients[i]);
}

TEST(Adam, GivesTheValuesOfLibTorch) {
  Varnet ours = network(), theirs = network();
  Adam adam(*ours);
  torch::optim::Adam reference(theirs->parameters(), torch::optim::AdamOptions(1e-3));
  for (int64_t step = 0; step < 20; ++step) {
    const double rate = step < 10 ? 1e-3 : 3e-4;
    const std::vector<torch::Tensor> gradients = random_gradients(ours, step);
    adam.zero_gradients();
    set_gradients(ours, gradients);
    for (size_t i = 0; i < gradients.size(); ++i)
      theirs->parameters()[i].mutable_grad() = gradients[i];
    for (auto& group : reference.param_groups())
      static_cast<torch::optim::AdamOptions&>(group.options()).lr(rate);
    adam.step(rate);
    reference.step();
    for (const auto& item : theirs->named_parameters()) {
      EXPECT_TRUE(torch::equal(ours->named_parameters()[item.key()], item.value()))
          << item.key() << " after step " << step;
    }
  }
  EXPECT_EQ(adam.steps(), 20);
}

TEST(Adam, GoesOnFromItsMoments) {
  Varnet straight = network(), resumed = network();
  Adam one(*straight);
  set_gradients(straight, random_gradients(straight, 1));
  one.step(1e-3);

  {
    const torch::NoGradGuard no_gradients;
    for (const auto& item : straight->named_parameters())
      resumed->named_parameters()[item.key()].copy_(item.value());
  }
  Adam other(*resumed);
  other.set_steps(one.steps());
  for (size_t i = 0; i < one.moments().size(); ++i) {
    EXPECT_EQ(other.moments()[i].name, one.moments()[i].name);
    other.moments()[i].mean.copy_(one.moments()[i].mean);
    other.moments()[i].square.copy_(one.moments()[i].square);
  }
  for (const auto& [model, adam] : {std::pair{&straight, &one}, {&resumed, &other}}) {
    set_gradients(*model, random_gradients(*model, 2));
    adam->step(1e-3);
  }
  for (const auto& item : straight->named_parameters())
    EXPECT_TRUE(torch::equal(resumed->named_parameters()[item.key()], item.value())) << item.key();
}

TEST(Adam, NormDivisionAndZeroOfAllGradients) {
  Varnet model = network();
  Adam adam(*model);
  EXPECT_EQ(adam.gradient_norm(), 0);
  const std::vector<torch::Tensor> gradients = random_gradients(model, 3);
  set_gradients(model, gradients);
  // As ledgers of other versions have it, to the last bit.
  std::vector<torch::Tensor> norms;
  for (const torch::Tensor& gradient : gradients) norms.push_back(gradient.norm());
  const double expected = torch::stack(norms).to(torch::kDouble).norm().item<double>();
  EXPECT_EQ(adam.gradient_norm(), expected);
  adam.divide_gradients(4);
  EXPECT_EQ(adam.gradient_norm(), expected / 4);
  model->parameters()[5].mutable_grad().fill_(std::numeric_limits<float>::infinity());
  EXPECT_FALSE(std::isfinite(adam.gradient_norm()));
  adam.zero_gradients();
  for (const torch::Tensor& parameter : model->parameters())
    EXPECT_TRUE(torch::equal(parameter.grad(), torch::zeros_like(parameter)));
}

TEST(Adam, LeavesTheWeightsAsTheyAre) {
  Varnet ours = network(), theirs = network();
  const Adam adam(*ours);
  for (const auto& item : theirs->named_parameters()) {
    const torch::Tensor moved = ours->named_parameters()[item.key()];
    EXPECT_TRUE(torch::equal(moved, item.value())) << item.key();
    EXPECT_TRUE(moved.is_leaf() && moved.requires_grad() && moved.is_contiguous());
    EXPECT_EQ(reinterpret_cast<uintptr_t>(moved.data_ptr<float>()) % 64, 0U) << item.key();
  }
}

}  // namespace
}  // namespace reconproof::baseline
