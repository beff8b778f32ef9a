# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""compare_training.py LEDGER OFFICIAL-LOG VISITS TOLERANCES: one epoch, step by step, by the official trainer and by ours.

TOLERANCES: relative differences of the losses, by commas: of the first step, the second, ..., the last for all that follow.
Rounding grows from step to step: Adam divides by the gradient's size, small as it may be.
"""

import json
import re
import sys

ledger, log, visits = sys.argv[1:4]
tolerances = [float(number) for number in sys.argv[4].split(",")]
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
    tolerance = tolerances[min(i, len(tolerances) - 1)]
    difference = abs(step["loss"] - loss) / loss
    print(f"step {i}: {slices[0][0]} {slices[0][1]}: loss {loss:.9g}, ours {difference:.1e} off")
    assert difference <= tolerance, f"step {i}: more than {tolerance}"
