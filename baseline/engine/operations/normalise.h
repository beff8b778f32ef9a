// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "baseline/engine/operation.h"

namespace reconproof::baseline::engine {

/// Instance normalisation and LeakyReLU, in place, by the sums that the operation before left;
/// clears the frame.
class Normalise final : public Operation {
 public:
  /// `saved`: where the memory that is kept has room for a scale of each channel, which the way
  /// back needs; none: -1.
  explicit Normalise(const View& view, int64_t saved = -1) : Operation(view, view), saved_(saved) {}
  void run(Context& context) const override;
  const char* name() const override { return "norm, LeakyReLU"; }
  double flops(const std::vector<Buffer>& buffers) const override;

 private:
  int64_t saved_;
};

/// From the gradient of its output to that of its input, in place, frame cleared.
class NormaliseGradient final : public Operation {
 public:
  /// `output`: what Normalise left; `saved`: as there.
  NormaliseGradient(const View& output, const View& gradient, int64_t saved)
      : Operation(output, gradient), saved_(saved) {}
  void run(Context& context) const override;
  const char* name() const override { return "back through norm, LeakyReLU"; }
  double flops(const std::vector<Buffer>& buffers) const override;

 private:
  int64_t saved_;
};

}  // namespace reconproof::baseline::engine
