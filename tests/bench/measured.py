# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
import os
import subprocess


def run(command, environment=None):
    """What a command prints, and its peak memory in MB. Ends this program where the command fails."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})})
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(command)}: exit {os.waitstatus_to_exitcode(status)}")
    return printed, usage.ru_maxrss / 1024
