# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""A training without PyTorch that prints what the official one does: epochs.py EPOCHS SECONDS-EACH."""

import sys
import time

epochs, seconds = int(sys.argv[1]), float(sys.argv[2])
STEPS = 10
for epoch in range(epochs):
    print(f"Epoch #{epoch:2d} ............... net ...............")
    start_epoch = start = time.perf_counter()
    for step in range(STEPS):
        time.sleep(0.8 * seconds / STEPS)
        loss = 0.5 / (1 + epoch * STEPS + step)
        print(
            f"Epoch = [{epoch:3d}/{epochs:3d}] Iter = [{step:4d}/{STEPS:4d}] Loss = {loss:.4g} "
            f"Time = {time.perf_counter() - start:.4f}s"
        )
        start = time.perf_counter()
    train_time, start = time.perf_counter() - start_epoch, time.perf_counter()
    time.sleep(0.2 * seconds)
    print(
        f"Epoch = [{epoch:4d}/{epochs:4d}] TrainLoss = {2 * loss:.4g} ValLoss = {0.9 * loss:.4g} "
        f"TrainTime = {train_time:.4f}s ValTime = {time.perf_counter() - start:.4f}s"
    )
print("the end", file=sys.stderr)
