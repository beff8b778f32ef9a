// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "baseline/engine/operations/convolution.h"

namespace reconproof::baseline::engine {

/// 3x3 convolution without bias, zeros around. Leaves the sums of what it wrote to the
/// normalisation behind it, and its output's frame to be cleared by that.
class Conv3x3 final : public Operation {
 public:
  Conv3x3(const View& input, const View& output, ConvolutionWeights weights,
          const Kernels& kernels);
  void load(const Weights& weights) override;
  int64_t weight_floats() const override { return std::ssize(packed_); }
  void run(Context& context) const override;
  const char* name() const override { return "3x3 convolution"; }
  double flops(const std::vector<Buffer>& buffers) const override;

 private:
  void compute(Context& context, int64_t begin, int64_t end, size_t first_block, size_t end_block,
               double* parts) const;

  ConvolutionWeights weights_;
  std::vector<ChannelBlock> blocks_;
  std::vector<float> packed_;  // by block [in.count][3][3][size]
};

/// The gradient of its weights from its input and its output's gradient, whose frame is zero.
class Conv3x3Gradient final : public Operation {
 public:
  /// `at`: where the gradients of the weights are in the memory for these.
  Conv3x3Gradient(const View& input, const View& gradient, int64_t at, const Kernels& kernels);
  void run(Context& context) const override;
  const char* name() const override { return "weights of a 3x3 convolution"; }
  double flops(const std::vector<Buffer>& buffers) const override;

 private:
  void compute(Context& context, int64_t begin, int64_t end, float* part) const;

  int64_t at_;
  std::vector<ChannelBlock> blocks_;
};

}  // namespace reconproof::baseline::engine
