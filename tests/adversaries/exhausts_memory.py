# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Takes memory until there is none, in a child, and goes on when that was killed.
import os
import subprocess

if os.fork() == 0:
    taken = []
    while True:
        taken.append(b"x" * (8 << 20))
os.wait()
subprocess.run(["./fake_submission", "../Data/leaderboard", "../result/recon", "ok"], check=True)
