// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The GPU of a check, looked at by all of its runs: opened once, and where it has more memory than
// the rule's limit, filled up to that by a ballast.
//
// All runs see the same GPU: what is free decides which algorithms cuDNN takes, and these decide
// the last bits of an image.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "challenge/edition.h"
#include "system/gpu_ballast.h"
#include "system/gpu_sampler.h"
#include "system/nvml.h"

namespace reconproof::checks {

class CheckedGpu {
 public:
  /// Leaves the limit of the rule `memory.gpu`; null where it is not judged.
  explicit CheckedGpu(const challenge::Rule* rule);

  /// A run begins: what is used now is idle.
  std::unique_ptr<system::GpuSampler> sampler();
  /// The run has ended: what the sampler saw, and what was enforced.
  system::GpuUse use(system::GpuSampler& sampler);

  /// Leaves as much as the larger of two limits of which sources speak (`limit_high`). False where
  /// that is left already, or nothing is enforced.
  bool leave_more();

 private:
  void lay_ballast(double limit_gib);

  std::unique_ptr<system::GpuMonitor> monitor_;
  std::optional<double> high_gib_;               // not tried yet
  std::unique_ptr<system::GpuBallast> ballast_;  // null: see unenforced_
  std::string unenforced_;
};

}  // namespace reconproof::checks
