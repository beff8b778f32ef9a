# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Tells at the end of a process how much GPU memory PyTorch's allocator held at most.

Python imports this by itself, under the name of sitecustomize. It imports nothing that the code did not import, and
whatever goes wrong in it is nobody's trouble.
"""

import atexit
import importlib.machinery
import importlib.util
import json
import os
import sys


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


def run_own_sitecustomize():
    """That of the interpreter, which this one stands in front of."""
    here = os.path.dirname(os.path.abspath(__file__))
    others = [folder for folder in sys.path if os.path.abspath(folder) != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec and spec.loader:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


atexit.register(report)
run_own_sitecustomize()
