# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Tells at the end of a process which Python ran, and of which versions the packages were that it had loaded.

Python imports this by itself, under the name of sitecustomize. Whatever goes wrong in it is nobody's trouble.
"""

import atexit
import json
import os
import platform
import sys

from reconproof_hooks import run_next_sitecustomize


def top_level_names(distribution):
    """The modules and packages that a distribution installs."""
    listed = (distribution.read_text("top_level.txt") or "").split()
    if listed:
        return set(listed)
    return {os.path.splitext(file.parts[0])[0] for file in distribution.files or []}


def loaded_packages():
    from importlib import metadata

    loaded = {name.partition(".")[0] for name in sys.modules}
    packages = {}
    for distribution in metadata.distributions():
        try:
            if loaded & top_level_names(distribution):
                packages.setdefault(distribution.metadata["Name"], distribution.version)
        except Exception:
            continue
    return packages


def report():
    folder = os.environ.get("RECONPROOF_GPU_REPORT")
    try:
        if folder:
            told = {"python": platform.python_version(), "packages": loaded_packages()}
            with open(os.path.join(folder, f"packages-{os.getpid()}.json"), "w") as file:
                json.dump(told, file)
    except Exception:
        pass


atexit.register(report)
run_next_sitecustomize(__file__)
