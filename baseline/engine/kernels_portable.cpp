// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#define RECONPROOF_ISA portable
#define RECONPROOF_ISA_NAME "portable"
#define RECONPROOF_LANES 4
#include "baseline/engine/kernels.inc"
