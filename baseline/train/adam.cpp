// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/train/adam.h"

#include <torch/utils.h>

#include <algorithm>
#include <cmath>

#include "baseline/engine/planes.h"
#include "baseline/shape.h"

namespace reconproof::baseline {
namespace {

constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;
constexpr int64_t kAlignment = 64;             // floats: kernels of a GPU want 256 bytes
constexpr int64_t kAtOnce = int64_t{1} << 22;  // floats: temporary tensors stay small

int64_t aligned(int64_t floats) { return engine::round_up(floats, kAlignment); }

}  // namespace

Adam::Adam(torch::nn::Module& model) {
  const torch::NoGradGuard no_gradients;
  int64_t floats = 0;
  for (const torch::Tensor& parameter : model.parameters()) {
    RP_ASSERT(parameter.scalar_type() == torch::kFloat);
    floats += aligned(parameter.numel());
  }
  const torch::Device device = model.parameters().front().device();
  for (torch::Tensor* buffer : {&values_, &gradients_, &means_, &squares_})
    *buffer = torch::zeros({floats}, device);
  int64_t begin = 0;
  for (auto& item : model.named_parameters()) {
    torch::Tensor& parameter = item.value();
    const auto part = [&](const torch::Tensor& buffer) {
      return buffer.narrow(0, begin, parameter.numel()).view(parameter.sizes());
    };
    const torch::Tensor place = part(values_);
    place.copy_(parameter);
    parameter.set_data(place);
    gradient_of_.push_back(part(gradients_));
    parameter.mutable_grad() = gradient_of_.back();
    moments_.push_back({item.key(), part(means_), part(squares_)});
    begin += aligned(parameter.numel());
  }
}

double Adam::gradient_norm() const {
  // Ledgers hold it, and a replay asks for the same bits: not one norm of the whole buffer.
  const torch::NoGradGuard no_gradients;
  return torch::stack(torch::_foreach_norm(gradient_of_)).to(torch::kDouble).norm().item<double>();
}

void Adam::step(double rate) {
  const torch::NoGradGuard no_gradients;
  ++steps_;
  const auto exponent = static_cast<double>(steps_);
  const double correction1 = 1 - std::pow(kBeta1, exponent);
  const double correction2 = 1 - std::pow(kBeta2, exponent);
  for (int64_t begin = 0; begin < values_.numel(); begin += kAtOnce) {
    const int64_t count = std::min(kAtOnce, values_.numel() - begin);
    const auto part = [&](const torch::Tensor& buffer) { return buffer.narrow(0, begin, count); };
    const torch::Tensor gradient = part(gradients_), mean = part(means_), square = part(squares_);
    mean.mul_(kBeta1).add_(gradient, 1 - kBeta1);
    square.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
    const torch::Tensor norm = square.sqrt().div_(std::sqrt(correction2)).add_(kEpsilon);
    part(values_).addcdiv_(mean, norm, -rate / correction1);
  }
}

}  // namespace reconproof::baseline
