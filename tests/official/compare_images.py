# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""compare_images.py OURS OFFICIAL TOLERANCE: every volume within TOLERANCE of the official one's maximum."""

import pathlib
import sys

import h5py
import numpy as np

ours, official, tolerance = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), float(sys.argv[3])
names = sorted(path.relative_to(official) for path in official.rglob("*.h5"))
assert names, f"{official}: no volumes"
assert names == sorted(path.relative_to(ours) for path in ours.rglob("*.h5")), "other volumes"
for name in names:
    with h5py.File(ours / name) as a, h5py.File(official / name) as b:
        image, expected = a["reconstruction"][:], b["reconstruction"][:]
    assert image.shape == expected.shape, f"{name}: shape {image.shape}, expected {expected.shape}"
    difference = np.abs(image - expected).max() / expected.max()
    print(f"{name}: largest difference {difference:.2e} of the maximum")
    assert difference <= tolerance, f"{name}: more than {tolerance}"
