# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""A training that keeps its own ledger, as the baseline does, and never ends: ledger.py [diverges|given|deaf]."""

import hashlib
import json
import os
import pathlib
import sys
import time

seed = 430 + (0 if "deaf" in sys.argv else int(os.environ.get("RECONPROOF_SEED_SHIFT", "0")))
noise = int.from_bytes(os.urandom(2), "little") + 1 if "diverges" in sys.argv else 0
folder = pathlib.Path("../result/net")
folder.mkdir(parents=True)
weights = hashlib.sha256(b"given" if "given" in sys.argv else str(seed).encode()).hexdigest()
previous = "0" * 64
with open(folder / "ledger.jsonl", "w") as ledger:
    for number in range(10_000):
        line = dict.fromkeys(("seq", "prev", "kind", "iteration", "file", "slice", "loss", "grad_norm", "weights_sha256"))
        line.update(seq=number, prev=previous, kind="step" if number else "start", iteration=max(0, number - 1))
        if number == 0:
            line.update(weights_sha256=weights, seed=seed, torch="1.13", device="cpu", threads=1)
        else:
            loss = seed / (number + 1) + (noise * 1e-6 if number >= 3 else 0)
            line.update(file="a.h5", slice=number, loss=loss, grad_norm=1.0)
        text = json.dumps(line, separators=(",", ":"))
        previous = hashlib.sha256(text.encode()).hexdigest()
        ledger.write(text + "\n")
        ledger.flush()
        time.sleep(0.02)
