# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""What score.sh needs:

make FOLDER YEAR SEED          a random leaderboard of YEAR: FOLDER/leaderboard and FOLDER/recon
exact CHECKOUT YEAR FOLDER     its items, full precision, by the functions of the official leaderboard_eval.py: JSON
compare OURS EXACT TOLERANCE   our `score --json` beside them
"""

import json
import os
import pathlib
import sys

# Where labels and reconstructions of a cell lie, and what its volumes are called. Files beyond the distinct ones are hard
# links: the scripts of 2023 to 2025 insist on 58 in each folder.
LAYOUTS = {
    "2023": ({"acc4": "acc4", "acc8": "acc8"}, ("brain_test",), 58),
    "2024": ({"acc4": "public", "acc13": "private"}, ("brain_test",), 58),
    "2025": ({"acc4": "acc4", "acc8": "acc8"}, ("brain_test", "knee_test"), 29),
    "2026": ({"acc4": "acc4", "acc8": "acc8"}, ("knee_test",), 12),
}
DISTINCT = 6  # of each cell and anatomy
SIZE = 384
THRESHOLDS = {"brain_test": 5e-5, "knee_test": 2e-5}


def random_label(random, np, threshold, kind):
    """(slices, SIZE, SIZE) float32 at the scale of real volumes: objects with holes and specks on noise below or around
    the threshold; kind 0 has an empty slice, kind 1 foreground up to the borders."""
    y, x = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j]
    slices = []
    for index in range(random.integers(1, 6)):
        image = np.abs(random.normal(0, threshold * random.uniform(0.05, 0.6), x.shape))
        if not (kind == 0 and index == 0):
            for _ in range(random.integers(1, 5)):
                size, middle = random.uniform(0.1, 1.4 if kind == 1 else 0.7, 2), random.uniform(-0.5, 0.5, 2)
                inside = ((x - middle[0]) / size[0]) ** 2 + ((y - middle[1]) / size[1]) ** 2 < 1
                waves = np.sin(random.uniform(3, 60) * x) * np.cos(random.uniform(3, 60) * y)
                image += inside * random.uniform(1e-5, 1e-3) * (0.6 + 0.4 * waves)
            image[tuple(random.integers(0, SIZE, (2, 40)))] += threshold * 3
        slices.append(image)
    if kind == 0:
        slices[0] = np.minimum(slices[0], threshold * 0.9)
    return np.array(slices, np.float32)


def random_recon(random, np, label):
    recon = label.astype(float)
    for _ in range(random.integers(0, 3)):
        recon = (recon + np.roll(recon, random.integers(-2, 3), 1) + np.roll(recon, random.integers(-2, 3), 2)) / 3
    recon = recon * random.uniform(0.9, 1.1) + random.normal(0, label.max() * 10 ** random.uniform(-4, -1.3), label.shape)
    return recon.astype(np.float32)


def random_boxes(random, slices):
    """Small, just as large as the window, clipped, outside, of any size; as Python's JSON writes them."""
    boxes = {}
    for index in range(slices + 1):  # one slice too many
        kinds = [
            lambda x, y: (x, y, int(random.integers(1, 7)), 40),
            lambda x, y: (x, y, 7, 7),
            lambda x, y: (-int(random.integers(1, 30)), y, int(random.integers(5, 60)), 30),
            lambda x, y: (x, SIZE - int(random.integers(1, 20)), 30, 100),
            lambda x, y: (SIZE + 3, y, 20, 20),
            lambda x, y: (x, y, int(random.integers(8, 150)), int(random.integers(8, 150))),
        ]
        chosen = [kinds[kind](*map(int, random.integers(0, SIZE - 7, 2))) for kind in random.integers(0, 6, random.integers(0, 5))]
        if chosen:
            boxes[str(index)] = [dict(zip(("x", "y", "width", "height"), box)) for box in chosen]
    return boxes


def write_volume(label_path, recon_path, threshold, year, number, seed):
    import h5py
    import numpy as np

    random = np.random.default_rng(seed)
    label = random_label(random, np, threshold, number % 3)
    recon = random_recon(random, np, label)
    storage = [{}, {"chunks": True}, {"chunks": (1, 100, 384), "compression": "gzip", "shuffle": True}, {"dtype": ">f4"}]
    with h5py.File(label_path, "w") as file:
        file.create_dataset("image_label", data=label, **storage[number % 3])
        file.attrs["max"] = (np.float32, np.float64)[number % 2](label.max() * random.uniform(0.8, 1.2))
        if year == "2026" and number % 4 != 3:
            file.attrs["annotations"] = json.dumps(random_boxes(random, len(label)))
    # recon-other/ holds the same values stored otherwise, for us alone: PyTorch takes no big-endian array.
    with h5py.File(recon_path, "w", userblock_size=512 if number % 5 == 4 else 0) as file:
        file.create_dataset("reconstruction", data=recon, **storage[number % 3])
    other = pathlib.Path(str(recon_path).replace("/recon/", "/recon-other/"))
    other.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(other, "w") as file:
        file.create_dataset("reconstruction", data=recon, **storage[3 - number % 3])


def make(folder, year, seed):
    cells, prefixes, count = LAYOUTS[year]
    for cell_index, (cell, recon_cell) in enumerate(cells.items()):
        labels, recons = pathlib.Path(folder, "leaderboard", cell, "image"), pathlib.Path(folder, "recon", recon_cell)
        others = pathlib.Path(folder, "recon-other", recon_cell)
        labels.mkdir(parents=True)
        recons.mkdir(parents=True)
        for prefix in prefixes:
            for number in range(count):
                name = f"{prefix}{number + 1}.h5"
                if number < DISTINCT:
                    key = (seed, int(year), cell_index, len(prefix), number)
                    write_volume(labels / name, recons / name, THRESHOLDS[prefix], year, number, key)
                    continue
                for where in (labels, recons, others):
                    os.link(where / f"{prefix}{number % DISTINCT + 1}.h5", where / name)


def exact(checkout, year, folder):
    """The scripts print four decimals; their forward() gives all."""
    import argparse
    import importlib.util

    import torch

    torch.cuda.set_device = lambda device: None
    sys.path.insert(0, checkout)
    spec = importlib.util.spec_from_file_location("leaderboard_eval", f"{checkout}/leaderboard_eval.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    cells = LAYOUTS[year][0]
    values = {}
    for cell, recon_cell in cells.items():
        arguments = argparse.Namespace(
            GPU_NUM=0,
            output_key="reconstruction",
            leaderboard_data_path=pathlib.Path(folder, "leaderboard", cell, "image"),
            your_data_path=pathlib.Path(folder, "recon", recon_cell),
        )
        if year == "2026":
            full, boxes = script.forward(arguments, script.SSIM(), torch.device("cpu"))
            values[f"ssim_full_{recon_cell}"], values[f"ssim_bbox_{recon_cell}"] = float(full), float(boxes)
        else:
            values[recon_cell] = float(script.forward(arguments))
    totals = {"total": ""} if year != "2026" else {"ssim_full": "ssim_full_", "ssim_bbox": "ssim_bbox_"}
    for total, prefix in totals.items():
        values[total] = sum(values[prefix + recon_cell] for recon_cell in cells.values()) / 2
    print(json.dumps(values))


def compare(ours, official, tolerance):
    items = {item["name"]: item["value"] for item in json.loads(pathlib.Path(ours).read_text())["items"]}
    expected = json.loads(pathlib.Path(official).read_text())
    assert items.keys() == expected.keys(), f"items {sorted(items)}, official {sorted(expected)}"
    differences = {name: abs(items[name] - value) for name, value in expected.items()}
    worst = max(differences, key=differences.get)
    print(f"largest difference {differences[worst]:.2e} ({worst}: {items[worst]:.9f}, official {expected[worst]:.9f})")
    assert differences[worst] <= tolerance, f"more than {tolerance}"


command, arguments = sys.argv[1], sys.argv[2:]
if command == "make":
    make(arguments[0], arguments[1], int(arguments[2]))
elif command == "exact":
    exact(*arguments)
else:
    compare(arguments[0], arguments[1], float(arguments[2]))
