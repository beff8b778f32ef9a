# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Tells at the end of a process how much GPU memory PyTorch's allocator held at most.

Python imports this by itself, under the name of sitecustomize. It imports no PyTorch that the code did not import, and
whatever goes wrong in it is nobody's trouble.
"""

import atexit
import json
import os
import sys

from reconproof_hooks import run_next_sitecustomize


def report():
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    folder = os.environ.get("RECONPROOF_GPU_REPORT")
    try:
        if not folder or cuda is None or not cuda.is_initialized():
            return
        devices = range(cuda.device_count())
        held = {
            "allocated_bytes": sum(cuda.max_memory_allocated(device) for device in devices),
            "reserved_bytes": sum(cuda.max_memory_reserved(device) for device in devices),
        }
        with open(os.path.join(folder, f"{os.getpid()}.json"), "w") as file:
            json.dump(held, file)
    except Exception:
        pass


atexit.register(report)
run_next_sitecustomize(__file__)
