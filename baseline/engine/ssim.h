// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace reconproof::baseline::engine {

/// 1 - mean SSIM over 7 x 7 windows (model/ssim_loss.h), and its gradient for `image`. Both images
/// and `gradient` [rows][columns], of at least 7 x 7. Sums in double: the official float32 ones
/// differ by their own rounding, about 1e-7.
double ssim_loss(const float* image, const float* target, int64_t rows, int64_t columns,
                 double range, float* gradient);

}  // namespace reconproof::baseline::engine
