# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""A training without PyTorch that prints lines as the official one does, and never ends: log.py [unequal|silent]."""

import os
import sys
import time

unequal = int.from_bytes(os.urandom(2), "little") / 65536 if "unequal" in sys.argv else 0
for step in range(10_000):
    if "silent" in sys.argv and step == 5:
        break
    loss = 0.5 / (step + 1) + (0.01 * unequal + 0.001 if step >= 3 and unequal else 0)
    if "silent" not in sys.argv:
        print(f"Epoch = [  0/  1] Iter = [{step:4d}/10000] Loss = {loss:.4g} Time = 0.0100s", flush=True)
    time.sleep(0.05)
