// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "baseline/engine/operations/convolution.h"

namespace reconproof::baseline::engine {

/// 3x3 convolution with a padding of one, by Winograd's F(4, 3) along the columns (kernels.h): half
/// the products of the direct way, which wins from a few channels on. Sums as Conv3x3.
class Winograd3x3 final : public Operation {
 public:
  /// weights [out][in][3][3]
  Winograd3x3(const View& input, const View& output, const float* weights, const Kernels& kernels);

  /// Whether the products that are spared are worth more than the sums.
  static bool is_faster(int64_t inputs, int64_t outputs);

  void run(Context& context) const override;
  const char* name() const override { return "3x3 convolution, Winograd"; }
  /// Of the direct way.
  double flops(const std::vector<Buffer>& buffers) const override;

 private:
  /// [points][channels], rows of one image beside each other in each.
  struct Rows {
    float* data;
    int64_t plane, point;  // floats from one to the next
    float* row(int64_t of_point, int64_t channel) const {
      return data + of_point * point + channel * plane;
    }
  };

  void compute(Context& context, int64_t begin, int64_t end, double* parts) const;
  void convolve(const Kernels& kernels, const Rows& points, const Rows& results,
                int64_t positions) const;

  std::vector<ChannelBlock> blocks_;
  std::vector<float> packed_;  // [points][block][in][3][block size]
};

}  // namespace reconproof::baseline::engine
