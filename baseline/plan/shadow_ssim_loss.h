// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The shadow of model/ssim_loss.h: the same operations in the same order.
#pragma once

#include "baseline/plan/shadow_unet.h"

namespace reconproof::baseline {

/// output, target [N, H, W] f32; the loss is one number.
Shadow shadow_ssim_loss(Layers& layers, const Shadow& output, const Shadow& target);

}  // namespace reconproof::baseline
