# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""What official_score.sh needs:

make FOLDER DISTINCT    a leaderboard of full size: FOLDER/leaderboard/<cell>/image/*.h5 and FOLDER/recon/<cell>/*.h5
time OUTPUT COMMAND...  runs COMMAND, its standard output to OUTPUT; prints "<wall s> <peak MB of its largest process>"
"""

import os
import resource
import subprocess
import sys
import time

CELLS = ("acc4", "acc8")
PREFIXES = ("brain_test", "knee_test")
VOLUMES_OF_EACH = 29  # the official script asks for just as many
SLICES, SIZE = 16, 384
WHITE = 4e-4


def phantom(random, np):
    """A head-like ellipse with ripples, on noise that stays below the mask's threshold: (SLICES, SIZE, SIZE)."""
    y, x = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j]
    slices = []
    for index in range(SLICES):
        scale = 1 - 0.02 * index
        inside = (x / (0.7 * scale)) ** 2 + (y / (0.85 * scale)) ** 2 < 1
        ripples = 0.6 + 0.4 * np.sin(random.uniform(5, 40) * x + index) * np.cos(random.uniform(5, 40) * y)
        slices.append(inside * ripples * WHITE + np.abs(random.normal(0, 4e-6, x.shape)))
    return np.array(slices, np.float32)


def write_volume(label_path, recon_path, seed):
    import h5py
    import numpy as np

    random = np.random.default_rng(seed)
    label = phantom(random, np)
    blurred = (label + np.roll(label, 1, 1) + np.roll(label, 1, 2)) / 3
    recon = (blurred + random.normal(0, 1e-5, label.shape)).astype(np.float32)
    with h5py.File(label_path, "w") as file:
        file["image_label"] = label
        file.attrs["max"] = label.max()
    with h5py.File(recon_path, "w") as file:
        file["reconstruction"] = recon


def make(folder, distinct):
    """Volumes after the first `distinct` of each anatomy and cell are hard links to those: they save disk, not work."""
    for cell_index, cell in enumerate(CELLS):
        labels, recons = f"{folder}/leaderboard/{cell}/image", f"{folder}/recon/{cell}"
        os.makedirs(labels)
        os.makedirs(recons)
        os.makedirs(f"{folder}/leaderboard/{cell}/kspace")
        for prefix_index, prefix in enumerate(PREFIXES):
            for volume in range(VOLUMES_OF_EACH):
                name = f"{prefix}{volume + 1}.h5"
                if volume < distinct:
                    write_volume(f"{labels}/{name}", f"{recons}/{name}", (cell_index, prefix_index, volume))
                    continue
                for where in (labels, recons):
                    os.link(f"{where}/{prefix}{volume % distinct + 1}.h5", f"{where}/{name}")


def run_timed(output, command):
    start = time.monotonic()
    with open(output, "wb") as file:
        subprocess.run(command, stdout=file, check=True)
    wall = time.monotonic() - start
    print(f"{wall:.3f} {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f}")


if sys.argv[1] == "make":
    make(sys.argv[2], int(sys.argv[3]))
else:
    run_timed(sys.argv[2], sys.argv[3:])
