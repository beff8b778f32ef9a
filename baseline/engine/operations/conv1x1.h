// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "baseline/engine/operation.h"

namespace reconproof::baseline::engine {

/// From the gradient of the output of a 1x1 convolution with bias to that of its input. Forth, the
/// network's last step computes it with what follows.
class Conv1x1Gradient final : public Operation {
 public:
  Conv1x1Gradient(const View& gradient, const View& to, std::string weights);
  void load(const Weights& weights) override;
  int64_t weight_floats() const override { return std::ssize(packed_); }
  void run(Context& context) const override;
  const char* name() const override { return "back through 1x1 convolution"; }
  double flops(const std::vector<Buffer>& buffers) const override;

 private:
  std::string weights_;
  std::vector<float> packed_;  // [to.count][gradient.count]
};

/// The gradients of its weights and, behind them, of its bias.
class Conv1x1WeightGradient final : public Operation {
 public:
  /// `at`: where those are in the memory for gradients of weights.
  Conv1x1WeightGradient(const View& input, const View& gradient, int64_t at)
      : Operation(input, gradient), at_(at) {}
  void run(Context& context) const override;
  const char* name() const override { return "weights of a 1x1 convolution"; }
  double flops(const std::vector<Buffer>& buffers) const override;

 private:
  int64_t at_;
};

}  // namespace reconproof::baseline::engine
