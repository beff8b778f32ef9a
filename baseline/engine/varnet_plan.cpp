// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/varnet_plan.h"

#include <fmt/format.h>

namespace reconproof::baseline::engine {

std::string cascade_prefix(size_t index) { return fmt::format("cascades.{}.", index); }

VarnetPlan::VarnetPlan(const Slice& slice, const challenge::VarnetSizes& sizes,
                       const Kernels& kernels, Backward of_sensitivities, Backward of_cascades)
    : coils(slice.coils),
      rows(slice.rows),
      columns(slice.columns),
      sensitivities({sizes.sens_chans, sizes.pools, slice.rows, slice.columns},
                    "sens_net.norm_unet.unet.", kernels, of_sensitivities) {
  for (size_t i = 0; i < static_cast<size_t>(sizes.cascades); ++i) {
    cascades.emplace_back(UnetShape{sizes.chans, sizes.pools, slice.rows, slice.columns},
                          cascade_prefix(i) + "model.unet.", kernels, of_cascades);
  }
}

void VarnetPlan::load(const Weights& weights) {
  sensitivities.load(weights);
  for (UnetEngine& cascade : cascades) cascade.load(weights);
}

int64_t VarnetPlan::weight_floats() const {
  int64_t floats = sensitivities.weight_floats();
  for (const UnetEngine& cascade : cascades) floats += cascade.weight_floats();
  return floats;
}

std::string VarnetPlan::text(const Kernels& kernels, int threads) const {
  return fmt::format(
      "kernels: {}, threads: {}\n\nsensitivities, for each of {} coils\n{}\ncascade, {} times\n{}",
      kernels.name, threads, coils, sensitivities.plan_text(), cascades.size(),
      cascades.front().plan_text());
}

}  // namespace reconproof::baseline::engine
