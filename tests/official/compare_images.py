# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""compare_images.py OURS OFFICIAL TOLERANCE: every volume within TOLERANCE of the official one's maximum.

compare_images.py --spoil OURS changes one pixel of each volume by a 100,000th of the maximum: to be noticed.
"""

import pathlib
import sys

import h5py
import numpy as np

if sys.argv[1] == "--spoil":
    for path in pathlib.Path(sys.argv[2]).rglob("*.h5"):
        with h5py.File(path, "r+") as file:
            images = file["reconstruction"]
            images[0, 100, 100] += np.abs(images[:]).max() * 1e-5
    sys.exit()

ours, official, tolerance = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), float(sys.argv[3])
names = sorted(path.relative_to(official) for path in official.rglob("*.h5"))
assert names, f"{official}: no volumes"
assert names == sorted(path.relative_to(ours) for path in ours.rglob("*.h5")), "other volumes"
for name in names:
    with h5py.File(ours / name) as a, h5py.File(official / name) as b:
        image, expected = a["reconstruction"][:], b["reconstruction"][:]
    assert image.shape == expected.shape, f"{name}: shape {image.shape}, expected {expected.shape}"
    difference = np.abs(image - expected).max() / np.abs(expected).max()
    print(f"{name}: largest difference {difference:.2e} of the maximum")
    assert difference <= tolerance, f"{name}: more than {tolerance}"
