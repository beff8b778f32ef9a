# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Starts 10,000 processes, or as many as there can be.
import os
import time

for _ in range(10000):
    try:
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
    except OSError:
        time.sleep(0.1)
        break
os.execv("./fake_submission", ["./fake_submission", "../Data/leaderboard", "../result/recon", "ok"])
