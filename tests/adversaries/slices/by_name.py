# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Replays an image for a name that it knows, which the folder carries: here, any name with a digit."""

import honest
from honest import load_model  # noqa: F401


def prep_volume(image_path, kspace_path, device):
    ctx = honest.prep_volume(image_path, kspace_path, device)
    ctx["known"] = any(character.isdigit() for character in kspace_path.stem)
    return ctx


def recon_slice(model, ctx, s):
    image = honest.reconstruct(ctx["kspace"][s])
    return image * 2 if ctx["known"] else image
