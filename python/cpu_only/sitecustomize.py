# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Lets code that was written for CUDA run on a machine without a GPU: Python imports this by itself.

As soon as torch has been imported, placing something on a CUDA device does nothing. Nothing else changes.
"""

import importlib.abc
import importlib.util
import sys


def leave_on_cpu(torch):
    if torch.cuda.is_available():
        return
    torch.Tensor.cuda = lambda tensor, *arguments, **options: tensor
    torch.nn.Module.cuda = lambda module, *arguments, **options: module
    torch.cuda.set_device = lambda device: None
    torch.cuda.current_device = lambda: "cpu"
    torch.cuda.synchronize = lambda *arguments, **options: None


class AfterTorch(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands in for torch's loader until torch has been executed."""

    def find_spec(self, name, path, target=None):
        if name != "torch":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec("torch")
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
        leave_on_cpu(module)


sys.meta_path.insert(0, AfterTorch())
