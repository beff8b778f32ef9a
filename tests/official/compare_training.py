# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""compare_training.py LEDGER OFFICIAL-LOG VISITS: one epoch, step by step, by the official trainer and by ours."""

import json
import re
import sys

ledger, log, visits = sys.argv[1:]
with open(ledger) as lines:
    steps = [step for step in map(json.loads, lines) if step["kind"] == "step"]
with open(log) as text:
    losses = [float(loss) for loss in re.findall(r"Iter = .* Loss = (\S+)", text.read())]
with open(visits) as lines:
    order = [line.rstrip("\n").split("\t") for line in lines]
assert len(steps) == len(losses) >= 3, f"{len(steps)} steps, the official trainer made {len(losses)}"

for i, (step, loss) in enumerate(zip(steps, losses)):
    slices = [[file, str(index)] for file, index in step.get("batch") or [[step["file"], step["slice"]]]]
    visited, order = order[: len(slices)], order[len(slices) :]  # the validation's visits are left at the end
    assert slices == visited, f"step {i}: {slices}, the official trainer visits {visited}"
    # Rounding grows from step to step: Adam divides by the gradient's size, small as it may be.
    tolerance = [1e-6, 1e-5, 1e-4][i] if i < 3 else 3e-3
    difference = abs(step["loss"] - loss) / loss
    print(f"step {i}: {slices[0][0]} {slices[0][1]}: loss {loss:.9g}, ours {difference:.1e} off")
    assert difference <= tolerance, f"step {i}: more than {tolerance}"
