// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What inference and training of a VarNet both know of slices of one shape and mask.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "baseline/engine/coils.h"
#include "baseline/engine/unet_engine.h"
#include "challenge/network.h"

namespace reconproof::baseline::engine {

/// "cascades.3."
std::string cascade_prefix(size_t index);

struct VarnetPlan {
  /// Without a mask and without weights. Each says which gradients its U-Nets are to give.
  VarnetPlan(const Slice& slice, const challenge::VarnetSizes& sizes, const Kernels& kernels,
             Backward of_sensitivities, Backward of_cascades);

  int64_t pixels() const { return rows * columns; }
  void load(const Weights& weights);
  int64_t weight_floats() const;
  /// The operations, with their places in memory.
  std::string text(const Kernels& kernels, int threads) const;

  int64_t coils, rows, columns;
  std::vector<float> mask;  // empty: not planned yet
  std::optional<SampledFourier> fourier;
  UnetEngine sensitivities;
  std::vector<UnetEngine> cascades;
};

/// Plans anew what the slice's shape or mask needs otherwise than `plan` has it: `plan_shape` sets
/// the plan, `plan_mask` what hangs on the mask, since volumes of one shape have masks of their
/// own.
template <typename Plan, typename PlanShape, typename PlanMask>
void prepare(const std::unique_ptr<Plan>& plan, const Slice& slice, const PlanShape& plan_shape,
             const PlanMask& plan_mask) {
  if (!plan || plan->coils != slice.coils || plan->rows != slice.rows ||
      plan->columns != slice.columns)
    plan_shape();
  const std::vector<float> mask(slice.mask, slice.mask + slice.columns);
  if (plan->mask == mask) return;
  plan->mask.clear();  // of no plan, if this one fails
  plan_mask();
  plan->mask = mask;
}

}  // namespace reconproof::baseline::engine
