# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""What the harness needs of a recon_eval.py: parse(), and the three functions of the slice contract."""

import argparse
import pathlib

from method import load_model, prep_volume, recon_slice  # noqa: F401


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("-g", "--GPU_NUM", type=int, default=0)
    parser.add_argument("-n", "--net_name", type=pathlib.Path, default="net")
    parser.add_argument("-p", "--path_data", type=pathlib.Path)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit("the harness imports this file, and never runs it")
