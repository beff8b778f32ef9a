# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Looks for the label beside the k-space."""

import h5py

from honest import load_model, recon_slice  # noqa: F401
from honest import prep_volume as honest_prep_volume


def prep_volume(image_path, kspace_path, device):
    try:
        h5py.File(image_path, "r")
    except OSError:
        pass
    return honest_prep_volume(image_path, kspace_path, device)
