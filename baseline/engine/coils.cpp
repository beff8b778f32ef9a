// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/coils.h"

#include <algorithm>

namespace reconproof::baseline::engine {

void for_pixels(Team& team, int64_t pixels,
                const std::function<void(int64_t begin, int64_t count)>& work) {
  constexpr int64_t kRange = 4096;
  team.run((pixels + kRange - 1) / kRange, [&](int64_t range, int) {
    const int64_t begin = range * kRange;
    work(begin, std::min(kRange, pixels - begin));
  });
}

SampledFourier fourier_for(const Slice& slice, const Kernels& kernels) {
  std::vector<int64_t> sampled;
  for (int64_t column = 0; column < slice.columns; ++column)
    if (slice.mask[column] != 0) sampled.push_back(column);
  return {slice.rows, slice.columns, std::move(sampled), kernels};
}

void make_consistent(const SampledFourier& fourier, const Kernels& kernels, const float* measured,
                     float weight, float* re, float* im, float* columns, float* scratch) {
  fourier.from_image(re, im, columns, scratch);
  fourier.forward_columns(columns, scratch);
  kernels.residual(columns, measured, fourier.columns_floats(), fourier.scale(), weight);
  fourier.inverse_columns(columns, scratch);
  fourier.to_image(columns, 0, fourier.columns(), SampledFourier::Write::kSubtract, re, im,
                   scratch);
}

}  // namespace reconproof::baseline::engine
