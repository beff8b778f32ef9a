// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#define RECONPROOF_ISA avx2
#define RECONPROOF_ISA_NAME "avx2"
#define RECONPROOF_LANES 8
#include "baseline/engine/kernels.inc"
