# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Its images depend on how many slices came before."""

import numpy

import honest
from honest import load_model, prep_volume  # noqa: F401


def recon_slice(model, ctx, s):
    ctx["calls"] = ctx.get("calls", 0) + 1
    return honest.reconstruct(ctx["kspace"][s]) * numpy.float32(1 + ctx["calls"] / 100)
