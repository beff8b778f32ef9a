# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Writes this folder's checkpoints with whatever torch runs it: python3 make.py FOLDER

What tests expect of the values stands in tests/formats/torch_checkpoint_test.cpp.
"""

import argparse
import collections
import os
import pathlib
import sys

import numpy as np
import torch


def state_dict():
    base = torch.arange(12, dtype=torch.float32)
    return collections.OrderedDict(
        [
            ("module.plain", base[:6].clone().reshape(2, 3)),
            ("module.transposed", base.reshape(3, 4).t()),
            ("module.tail_of_shared", base[8:]),
            ("module.parameter", torch.nn.Parameter(torch.full((2,), 0.5))),
            ("module.count", torch.tensor(-7)),
            ("module.half", torch.tensor([1.0, 2.0], dtype=torch.bfloat16)),
            ("module.flags", torch.tensor([True, False, True])),
            ("module.empty", torch.zeros(0, 3)),
        ]
    )


def checkpoint():
    args = argparse.Namespace(
        seed=431, lr=np.float64(0.25), net_name=pathlib.PosixPath("result/tiny"), big=2**70, name="tiny"
    )
    return {
        "epoch": np.int64(3),
        "args": args,
        "model": state_dict(),
        "best_val_loss": torch.tensor(0.125, dtype=torch.float64),
        "log": [np.zeros(2), {1, 2}, b"\x00\xff", collections.defaultdict(list), torch.Size([2]), torch.float32],
        "device": torch.device("cpu"),
    }


class Whole(torch.nn.Module):
    def forward(self, x):
        return x


class Trap:
    """What a hostile checkpoint holds: whoever unpickles it runs a command."""

    def __reduce__(self):
        return os.system, ("touch pwned",)


folder = pathlib.Path(sys.argv[1])
torch.save(checkpoint(), folder / "protocol2.pt")
torch.save(checkpoint(), folder / "protocol5.pt", pickle_protocol=5)
torch.save({"weight": torch.ones(2)}, folder / "bare.pth")
torch.save({"weight": torch.ones(2)}, folder / "legacy.pt", _use_new_zipfile_serialization=False)
# A scheduler's milestones, the version of torch, and more keys than a message should repeat.
beside = {f"note_{i}": i for i in range(30)}
beside.update(milestones=collections.Counter([3, 5, 5]), version=torch.__version__)
torch.save({"model": {"weight": torch.ones(2)}, **beside}, folder / "beside.pt")
torch.save({"weight": torch.ones(1).expand(1000)}, folder / "expanded.pt")
torch.save(Whole(), folder / "whole_module.pt")
torch.jit.save(torch.jit.script(Whole()), folder / "script.pt")
torch.save({"model": {"weight": Trap()}}, folder / "trap.pt")
