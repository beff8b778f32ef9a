# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Lets code that was written for CUDA run on a machine without a GPU: Python imports this by itself.

As soon as torch has been imported, placing something on a CUDA device does nothing. Nothing else changes.
"""

from reconproof_hooks import after_import


def leave_on_cpu(torch):
    if torch.cuda.is_available():
        return
    torch.Tensor.cuda = lambda tensor, *arguments, **options: tensor
    torch.nn.Module.cuda = lambda module, *arguments, **options: module
    torch.cuda.set_device = lambda device: None
    torch.cuda.current_device = lambda: "cpu"
    torch.cuda.synchronize = lambda *arguments, **options: None


after_import("torch", leave_on_cpu)
