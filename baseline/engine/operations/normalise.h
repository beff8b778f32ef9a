// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "baseline/engine/operation.h"

namespace reconproof::baseline::engine {

/// Instance normalisation and LeakyReLU, in place, by the sums that the operation before left;
/// clears the frame.
class Normalise final : public Operation {
 public:
  explicit Normalise(const View& view) : Operation(view, view) {}
  void run(Context& context) const override;
  const char* name() const override { return "norm, LeakyReLU"; }
  double flops(const std::vector<Buffer>& buffers) const override;
};

}  // namespace reconproof::baseline::engine
