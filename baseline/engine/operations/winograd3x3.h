// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "baseline/engine/operations/convolution.h"

namespace reconproof::baseline::engine {

/// [points][channels], rows of one image beside each other in each.
struct WinogradRows {
  float* data;
  int64_t plane, point;  // floats from one to the next
  float* row(int64_t of_point, int64_t channel) const {
    return data + of_point * point + channel * plane;
  }
};

/// 3x3 convolution with a padding of one, by Winograd's F(4, 3) along the columns (kernels.h): half
/// the products of the direct way, which wins from a few channels on. Sums as Conv3x3.
class Winograd3x3 final : public Operation {
 public:
  Winograd3x3(const View& input, const View& output, ConvolutionWeights weights,
              const Kernels& kernels);

  /// Whether the products that are spared are worth more than the sums.
  static bool is_faster(int64_t inputs, int64_t outputs);

  void load(const Weights& weights) override;
  int64_t weight_floats() const override { return std::ssize(packed_); }
  void run(Context& context) const override;
  const char* name() const override { return "3x3 convolution, Winograd"; }
  /// Of the direct way.
  double flops(const std::vector<Buffer>& buffers) const override;

 private:
  void compute(Context& context, int64_t begin, int64_t end, double* parts) const;
  void convolve(const Kernels& kernels, const WinogradRows& points, const WinogradRows& results,
                int64_t positions) const;

  ConvolutionWeights weights_;
  std::vector<ChannelBlock> blocks_;
  std::vector<float> packed_;  // [points][block][in][3][block size]
};

/// The gradient of its weights from its input and its output's gradient, whose frame is zero: at
/// each point the products of both, brought back from six points to three rows of weights.
class Winograd3x3Gradient final : public Operation {
 public:
  /// `at`: where the gradients of the weights are in the memory for these.
  Winograd3x3Gradient(const View& input, const View& gradient, int64_t at, const Kernels& kernels);
  void run(Context& context) const override;
  const char* name() const override { return "weights of a 3x3, Winograd"; }
  /// Of the direct way.
  double flops(const std::vector<Buffer>& buffers) const override;

 private:
  /// Blocks of output channels from `first` to before `last`.
  struct Blocks {
    size_t first, last;
  };
  /// Rows from `begin` to before `end`.
  void compute(Context& context, int64_t begin, int64_t end, Blocks blocks, float* part) const;
  void store(const float* sums, float* to) const;

  int64_t at_;
  std::vector<ChannelBlock> blocks_;
};

}  // namespace reconproof::baseline::engine
