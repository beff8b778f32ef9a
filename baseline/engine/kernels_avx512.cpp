// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#define RECONPROOF_ISA avx512
#define RECONPROOF_ISA_NAME "avx512"
#define RECONPROOF_LANES 16
#include "baseline/engine/kernels.inc"
