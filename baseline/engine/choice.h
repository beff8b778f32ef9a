// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Which kernels run here.
#pragma once

#include <vector>

#include "baseline/engine/kernels.h"

namespace reconproof::baseline::engine {

/// Those that this processor can run, the portable ones first, the best last.
std::vector<const Kernels*> usable_kernels();

/// The best, or what RECONPROOF_ISA (portable, avx2, avx512) asks for. kUsage where that cannot be
/// had.
const Kernels& best_kernels();

}  // namespace reconproof::baseline::engine
