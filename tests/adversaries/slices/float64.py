# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Images that the official script cannot score."""

import honest
from honest import load_model, prep_volume  # noqa: F401


def recon_slice(model, ctx, s):
    return honest.reconstruct(ctx["kspace"][s]).astype(float)
