// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Adam (Kingma and Ba 2015) over all parameters at once. torch::optim::Adam takes some ten
// operations for each of a network's hundred tensors, and a GPU waits for the launch of each.
#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <string>
#include <vector>

namespace reconproof::baseline {

/// Value for value what torch::optim::Adam gives with its usual betas and epsilon.
class Adam {
 public:
  /// Moves the parameters of `model`, f32, into one buffer, and gives them gradients of 0 in
  /// another, where they stay: the model must be on its device, and go to no other.
  explicit Adam(torch::nn::Module& model);

  void zero_gradients() { gradients_.zero_(); }
  void divide_gradients(double divisor) { gradients_.div_(divisor); }
  /// L2 norm over all parameters: of each one's norm in f32, summed in double.
  double gradient_norm() const;
  void step(double rate);

  /// The running means of a parameter's gradient and of its square, of its shape, in place.
  struct Moments {
    std::string name;
    torch::Tensor mean, square;
  };
  const std::vector<Moments>& moments() const { return moments_; }
  int64_t steps() const { return steps_; }
  void set_steps(int64_t steps) { steps_ = steps; }

 private:
  torch::Tensor values_, gradients_, means_, squares_;  // [all parameters] f32
  std::vector<torch::Tensor> gradient_of_;              // each parameter
  std::vector<Moments> moments_;
  int64_t steps_ = 0;
};

}  // namespace reconproof::baseline
