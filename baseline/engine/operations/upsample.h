// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "baseline/engine/operation.h"

namespace reconproof::baseline::engine {

/// 2x2 transposed convolution of stride 2 without bias. Leaves sums, as Conv3x3 does.
class Upsample final : public Operation {
 public:
  /// `weights` [in.count][out.count][2][2].
  Upsample(const View& input, const View& output, const float* weights);
  void run(Context& context) const override;
  const char* name() const override { return "2x2 transposed convolution"; }
  double flops(const std::vector<Buffer>& buffers) const override;

 private:
  std::vector<float> packed_;  // [out.count][in.count][2][2]
};

}  // namespace reconproof::baseline::engine
