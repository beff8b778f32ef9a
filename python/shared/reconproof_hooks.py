# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""What the files share that Python imports as sitecustomize; lies beside each of them."""

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys


class AfterImport(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands in for a module's loader until the module has been executed, then calls `action` with it."""

    def __init__(self, name, action):
        self.name, self.action = name, action

    def find_spec(self, name, path, target=None):
        if name != self.name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return None
        self.loader = spec.loader
        spec.loader = self
        return spec

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self.loader
        self.loader.exec_module(module)
        self.action(module)


def after_import(name, action):
    """Acts as soon as a module has been imported, and does not import it."""
    sys.meta_path.insert(0, AfterImport(name, action))


def run_next_sitecustomize(own):
    """That of another adapter, or of the interpreter, which the file `own` stands in front of."""
    here = os.path.dirname(os.path.abspath(own))
    folders = [os.path.abspath(folder) for folder in sys.path]
    behind = folders[folders.index(here) + 1 :] if here in folders else []
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", behind)
    if spec and spec.loader:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
