// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "baseline/engine/operation.h"

namespace reconproof::baseline::engine {

/// 2x2 transposed convolution of stride 2 without bias. Leaves sums, as Conv3x3 does.
class Upsample final : public Operation {
 public:
  /// `weights`: the name of those, [in.count][out.count][2][2].
  Upsample(const View& input, const View& output, std::string weights);
  void load(const Weights& weights) override;
  int64_t weight_floats() const override { return std::ssize(packed_); }
  void run(Context& context) const override;
  const char* name() const override { return "2x2 transposed convolution"; }
  double flops(const std::vector<Buffer>& buffers) const override;

 private:
  std::string weights_;
  std::vector<float> packed_;  // [out.count][in.count][2][2]
};

/// From the gradient of its output, frame zero, to those of its input and of its weights.
class UpsampleGradient final : public Operation {
 public:
  /// `weights` as there; `input` is what was doubled, `to` its gradient; `at`: where the gradients
  /// of the weights are in the memory for these.
  UpsampleGradient(const View& gradient, const View& to, const View& input, std::string weights,
                   int64_t at);
  void load(const Weights& weights) override;
  int64_t weight_floats() const override { return std::ssize(packed_); }
  void run(Context& context) const override;
  const char* name() const override { return "back through 2x2 transposed"; }
  double flops(const std::vector<Buffer>& buffers) const override;
  std::vector<View> also_reads() const override { return {input_}; }

 private:
  void compute(Context& context, int64_t begin, int64_t end, float* part) const;

  View input_;
  std::string weights_;
  int64_t at_;
  std::vector<float> packed_;  // [to.count][gradient.count][2][2]
};

}  // namespace reconproof::baseline::engine
