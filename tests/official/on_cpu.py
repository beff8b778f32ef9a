# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Runs an official script, unchanged, on a machine without CUDA: on_cpu.py SCRIPT [ARGUMENT...]

Only device placement is neutralised. Losses are printed with nine digits instead of four, and with VISITS=FILE in
the environment each slice that the data set is asked for is appended to FILE as "name<TAB>slice".
"""

import os
import runpy
import sys

import torch


class NineDigits(float):
    def __format__(self, spec):
        return float.__format__(self, ".9g" if spec == ".4g" else spec)


def neutralise_cuda():
    torch.Tensor.cuda = lambda tensor, *arguments, **options: tensor
    torch.cuda.set_device = lambda device: None
    torch.cuda.current_device = lambda: "cpu"


def print_more_digits():
    item = torch.Tensor.item

    def precise_item(tensor):
        value = item(tensor)
        return NineDigits(value) if isinstance(value, float) else value

    torch.Tensor.item = precise_item


def record_visits(path):
    from utils.data.load_data import SliceData

    get = SliceData.__getitem__

    def recorded_get(dataset, index):
        examples = getattr(dataset, "kspace_examples", None) or dataset.examples
        name, slice_index = examples[index]
        with open(path, "a") as log:
            log.write(f"{name.name}\t{slice_index}\n")
        return get(dataset, index)

    SliceData.__getitem__ = recorded_get


neutralise_cuda()
print_more_digits()
sys.argv = sys.argv[1:]
sys.path.insert(0, os.getcwd())
if "VISITS" in os.environ:
    record_visits(os.environ["VISITS"])
runpy.run_path(sys.argv[0], run_name="__main__")
