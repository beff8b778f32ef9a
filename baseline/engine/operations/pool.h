// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "baseline/engine/operation.h"

namespace reconproof::baseline::engine {

/// Means over 2x2; an odd last row or column falls away.
class Pool final : public Operation {
 public:
  Pool(const View& input, const View& output) : Operation(input, output) {}
  void run(Context& context) const override;
  const char* name() const override { return "2x2 mean"; }
  double flops(const std::vector<Buffer>& buffers) const override;
};

/// Adds to the gradient of its input.
class PoolGradient final : public Operation {
 public:
  /// Both are gradients: of the pooled image, and of what was pooled.
  PoolGradient(const View& pooled, const View& to) : Operation(pooled, to) {}
  void run(Context& context) const override;
  const char* name() const override { return "back through 2x2 mean"; }
  double flops(const std::vector<Buffer>& buffers) const override;
};

}  // namespace reconproof::baseline::engine
