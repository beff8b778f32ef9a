// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "baseline/infer/slice_time.h"

namespace reconproof::baseline {

/// How long a step of a training takes on this machine's device: forward pass, loss, backward pass,
/// Adam, of random k-space.
SliceTime time_steps(const VarnetSizes& sizes, const SliceShape& shape, int64_t steps,
                     torch::Device device, Backend backend, bool recompute);

}  // namespace reconproof::baseline
