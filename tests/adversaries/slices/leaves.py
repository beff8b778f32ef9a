# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Ends with success before it has done anything."""

import os

from honest import load_model, prep_volume  # noqa: F401


def recon_slice(model, ctx, s):
    os._exit(0)
