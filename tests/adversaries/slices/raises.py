# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Fails in the third slice."""

import honest
from honest import load_model, prep_volume  # noqa: F401


def recon_slice(model, ctx, s):
    if s == 2:
        raise ValueError("the third slice is too hard")
    return honest.reconstruct(ctx["kspace"][s])
