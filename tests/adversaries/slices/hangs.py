# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Never answers."""

import time

from honest import load_model, prep_volume  # noqa: F401


def recon_slice(model, ctx, s):
    while True:
        time.sleep(1)
