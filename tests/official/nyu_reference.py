# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""What nyu.sh needs:

make GOLDEN FOLDER          the volumes of a golden set as files of the NYU set, FOLDER/labels and FOLDER/recon, in other sizes
knee FOLDER                 items by the definition of fastMRI's evaluate.py (facebookresearch/fastMRI, MIT), and its text: JSON
trainer LABELS RECON        items by that of the official trainer's validation (its loss is 1 - ssim): JSON
compare OURS REFERENCE TOLERANCE
"""

import json
import pathlib
import sys

import numpy as np

METRICS = ("mse", "nmse", "psnr", "ssim")
# Height and width of the label and of the reconstruction, volume by volume: equal, higher than wide, larger, odd.
SIZES = [
    ((384, 384), (384, 384)),
    ((384, 320), (384, 384)),
    ((383, 320), (384, 337)),
    ((640, 368), (368, 368)),
    ((384, 383), (401, 420)),
    ((200, 150), (150, 384)),
]


def resized(volume, size, random):
    """Cut or surrounded by noise, about the middle: what lies around the square that is scored must not matter."""
    height, width = volume.shape[1:]
    result = np.abs(random.normal(0, 1e-4, (len(volume), *size))).astype(np.float32)
    h, w = min(height, size[0]), min(width, size[1])
    rows, columns = (size[0] - h) // 2, (size[1] - w) // 2
    top, left = (height - h) // 2, (width - w) // 2
    result[:, rows : rows + h, columns : columns + w] = volume[:, top : top + h, left : left + w]
    return result


def read(path, name):
    import h5py

    with h5py.File(path) as file:
        return file[name][:]


def make(golden, folder):
    import h5py

    random = np.random.default_rng(430)
    golden, folder = pathlib.Path(golden), pathlib.Path(folder)
    (folder / "labels").mkdir(parents=True)
    (folder / "recon").mkdir()
    labels = sorted(golden.glob("leaderboard/*/image/*.h5"))
    assert len(labels) >= len(SIZES)
    for number, (path, (label_size, recon_size)) in enumerate(zip(labels, SIZES)):
        recon = read(golden / "recon" / path.parts[-3] / path.name, "reconstruction")
        with h5py.File(folder / "labels" / f"volume{number}.h5", "w") as file:
            file["reconstruction_rss"] = resized(read(path, "image_label"), label_size, random)
        with h5py.File(folder / "recon" / f"volume{number}.h5", "w") as file:
            file["reconstruction"] = resized(recon, recon_size, random)


def middle(volume, size):
    top, left = (volume.shape[-2] - size) // 2, (volume.shape[-1] - size) // 2
    return volume[..., top : top + size, left : left + size]


def mean_ssim(truth, image):
    from skimage.metrics import structural_similarity

    slices = [structural_similarity(a, b, data_range=truth.max()) for a, b in zip(truth, image)]
    return float(np.mean(slices, dtype=np.float64))


def norm(volume):
    """In float64: NumPy leaves the norm of float32 to its BLAS, and Debian's reference BLAS adds one square after another in
    float32, which is up to 0.2 % away; OpenBLAS, which NumPy of PyPI brings, is not."""
    return np.linalg.norm(volume.astype(np.float64))


def volume_values(truth, image):
    from skimage.metrics import peak_signal_noise_ratio

    return {
        "mse": float(np.mean((truth - image) ** 2)),
        "nmse": float(norm(truth - image) ** 2 / norm(truth) ** 2),
        "psnr": float(peak_signal_noise_ratio(truth, image, data_range=truth.max())),
        "ssim": mean_ssim(truth, image),
    }


def knee(folder):
    volumes = []
    for path in sorted(pathlib.Path(folder, "labels").iterdir()):
        truth = read(path, "reconstruction_rss")
        size = truth.shape[-1]
        image = read(pathlib.Path(folder, "recon", path.name), "reconstruction")
        volumes.append(volume_values(middle(truth, size), middle(image, size)))
    items, text = {}, []
    for name in METRICS:
        values = [volume[name] for volume in volumes]
        mean, spread = float(np.mean(values)), 2 * float(np.std(values, ddof=1))
        items[name], items[name + " spread"] = mean, spread
        text.append(f"{name.upper()} = {mean:.4g} +/- {spread:.4g}")
    print(json.dumps({"items": items, "text": " ".join(text) + "\n"}))


def trainer(labels, recon):
    values = {}
    for path in sorted(pathlib.Path(labels).glob("*/image/*.h5")):
        cell = path.parts[-3]
        truth = read(path, "image_label")
        image = read(pathlib.Path(recon, cell, path.name), "reconstruction")
        values.setdefault(cell, []).append(mean_ssim(truth, image))
    items = {f"ssim_{cell}": float(np.mean(list_of)) for cell, list_of in values.items()}
    items["ssim"] = float(np.mean([value for list_of in values.values() for value in list_of]))
    print(json.dumps({"items": items}))


def compare(ours, reference, tolerance):
    ours = {item["name"]: item for item in json.loads(pathlib.Path(ours).read_text())["items"]}
    worst = 0.0
    for name, expected in json.loads(pathlib.Path(reference).read_text())["items"].items():
        found = ours[name.split()[0]]["spread" if name.endswith(" spread") else "value"]
        scale = abs(expected) if name.startswith("mse") else 1  # of images of 1e-4
        difference = abs(found - expected) / scale
        print(f"{name}: {found:.9g}, reference {expected:.9g}, difference {difference:.2e}")
        worst = max(worst, difference)
    assert worst <= tolerance, f"more than {tolerance}"


command, arguments = sys.argv[1], sys.argv[2:]
if command == "compare":
    compare(arguments[0], arguments[1], float(arguments[2]))
else:
    {"make": make, "knee": knee, "trainer": trainer}[command](*arguments)
