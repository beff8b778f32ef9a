// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace reconproof::baseline {

/// Keeps gradients of a float16 backward pass within its range (Micikevicius et al. 2018): the loss
/// is multiplied by a scale, the gradients are divided by it. A scale at which gradients overflow
/// is halved and the step left out; after many good steps it is doubled again. Does nothing when
/// not `active`.
class LossScaler {
 public:
  explicit LossScaler(bool active) : active_(active), scale_(active ? kFirst : 1) {}

  double scale() const { return scale_; }
  int64_t good_steps() const { return good_steps_; }
  void restore(double scale, int64_t good_steps) {
    if (active_) scale_ = scale, good_steps_ = good_steps;
  }

  /// What to do after a backward pass.
  enum class Verdict { kStep, kSkip, kDiverged };
  Verdict judge(bool gradients_are_finite) {
    if (!gradients_are_finite) {
      good_steps_ = 0;
      if (scale_ <= 1) return Verdict::kDiverged;  // the scale is not to blame
      scale_ /= 2;
      return Verdict::kSkip;
    }
    if (active_ && ++good_steps_ == kGrowAfter) {
      good_steps_ = 0;
      scale_ = scale_ < kLargest ? scale_ * 2 : scale_;
    }
    return Verdict::kStep;
  }

 private:
  // PyTorch's figures (torch.cuda.amp.GradScaler).
  static constexpr double kFirst = 65536, kLargest = 0x1p24;
  static constexpr int64_t kGrowAfter = 2000;

  bool active_;
  double scale_;
  int64_t good_steps_ = 0;
};

}  // namespace reconproof::baseline
