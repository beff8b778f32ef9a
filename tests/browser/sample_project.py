# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""A checked submission to look at, without a check: labels of a head, reconstructions that are it with blur and noise,
and the check.json that `reconproof check` would have left. Another run's reconstructions lie in OUT/other.

  sample_project.py PROGRAM OUT [--edition snu-2026] [--volumes 2] [--slices 6] [--size 384] [--name TEXT]
"""
import argparse
import gzip
import json
import pathlib
import subprocess

import h5py
import numpy as np

HEAD = pathlib.Path("/usr/share/mricron/templates/ch2better.nii.gz")
WHITE = 4e-4  # of the labels, about as bright as the challenge's


def head(slices, size):
    """Axial slices of a head, brightest part 1; ellipses where Debian's mricron-data is missing."""
    rows, columns = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    if not HEAD.exists():
        return np.stack([0.8 * (rows**2 / 0.6 + columns**2 / 0.4 < 1 - 0.3 * i / slices) * (1 + 0.2 * np.cos(20 * rows))
                         for i in range(slices)])
    raw = gzip.open(HEAD).read()
    header = np.frombuffer(raw[:348], np.uint8)
    width, height, depth = (int(side) for side in header[42:48].view(np.int16))
    volume = np.frombuffer(raw, np.uint8, width * height * depth, 352).reshape(depth, height, width)
    images = []
    for z in np.linspace(depth * 0.3, depth * 0.75, slices):
        image = np.zeros((size, size))
        y, x = np.linspace(0, height - 1, size * 3 // 4).astype(int), np.linspace(0, width - 1, size * 5 // 8).astype(int)
        image[size // 8 : size // 8 + len(y), size // 6 : size // 6 + len(x)] = volume[int(z)][::-1][np.ix_(y, x)] / 255
        images.append(image)
    return np.stack(images)


def blurred(images, share):
    soft = sum(np.roll(images, shift, axis) for axis in (1, 2) for shift in (-1, 0, 1, 2)) / 8
    return (1 - share) * images + share * soft


def write(path, attributes=None, **sets):
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        for name, values in sets.items():
            file[name] = values.astype(np.float32)
        file.attrs.update(attributes or {})


def boxes(slices, size, label):
    box = {"x": size * 9 // 20, "y": size * 2 // 5, "width": size // 12, "height": size // 15, "label": label}
    other = {"x": size // 3, "y": size // 2, "width": size // 16, "height": size // 16, "label": "Cartilage - Partial Thickness"}
    return json.dumps({str(i): [box, other][: 1 + i % 2] for i in range(1, slices, 2)})


def write_volumes(out, cell, prefix, options):
    random = np.random.default_rng(len(cell) + options.volumes)
    for number in range(1, options.volumes + 1):
        clean = head(options.slices, options.size) * (0.9 + 0.1 * number / options.volumes)
        label = np.abs(clean + 0.012 * random.standard_normal(clean.shape)) * WHITE
        name = f"{prefix}_test{number}.h5"
        strength = (0.4 if cell == "acc4" else 0.8) + 0.1 * number / options.volumes
        aliased = 0.6 * label + 0.4 * np.roll(label, options.size // 4, 2)
        write(out / "Data/leaderboard" / cell / "image" / name,
              {"max": float(label.max()), "annotations": boxes(options.slices, options.size, options.label)},
              image_label=label, image_input=aliased)
        write(out / "zero_filled" / cell / name, reconstruction=aliased)
        for folder, share in (("code/.reconproof/check/recon", strength), ("other", 0.7 * strength)):
            noise = 0.004 * WHITE * random.standard_normal(label.shape)
            write(out / folder / cell / name, reconstruction=blurred(label, share) + noise)


def score(program, edition, labels, recon):
    command = [program, "score", "--edition", edition, "--labels", labels, "--recon", recon, "--json", "--set", "final"]
    result = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    return json.loads(result.stdout)


def finding(rule, status, message, **more):
    return {"rule_id": rule, "ruleset": "snu", "severity": "error", "status": status, "message": message, "measured": None,
            "limit": None, "unit": "", "evidence": [], "remediation": "", "source": "#367", **more}


def write_training(result):
    """A validation curve and weights; the ledger is left out, which the report says."""
    (result / "checkpoints").mkdir(parents=True)
    (result / "checkpoints/best_model.pt").write_bytes(b"weights")
    epochs = np.arange(12)
    np.save(result / "val_loss_log.npy", np.stack([epochs, 3.2 * 0.7**epochs + 1.1], 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--edition", default="snu-2026")
    parser.add_argument("--volumes", type=int, default=2)
    parser.add_argument("--slices", type=int, default=6)
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--name", default="Team Hippocampus")
    parser.add_argument("--label", default="Meniscus Tear")
    options = parser.parse_args()
    code, labels = options.out / "code", options.out / "Data/leaderboard"
    for cell in ("acc4", "acc8"):
        write_volumes(options.out, cell, "knee" if options.edition == "snu-2026" else "brain", options)
    write_training(options.out / "result")
    (code / "reconproof.toml").write_text(
        f'[project]\nname = {json.dumps(options.name)}\nedition = "{options.edition}"\n[data]\n'
        'leaderboard = "../Data/leaderboard"\n[steps.reconstruct]\ncommand = ["python3", "reconstruct.py"]\n'
        'weights = "../result/checkpoints/best_model.pt"\noutputs = "../result/reconstructions_leaderboard"\n')
    result = score(options.program, options.edition, labels, code / ".reconproof/check/recon")
    check = {
        "schema": "reconproof.check", "schema_version": 1, "project": options.name, "edition": options.edition,
        "ruleset": result["ruleset"], "exit_code": 1,
        "environment": {"os": "Debian GNU/Linux 12", "kernel": "6.1.0", "cpu": "Intel Core i7-8700K", "threads": 12,
                        "memory_bytes": 16 << 30, "gpus": [], "sandbox": {"state": "available", "reason": ""}},
        "build": {"version": "0.1.0", "revision": "0123abcd", "dirty": False},
        "commands": {"reconstruct": ["python3", "reconstruct.py"]},
        "run": {"isolated": True, "refused_reason": "", "wall_s": 193.96, "peak_rss_bytes": 3 << 30, "exit_code": 0},
        "score": result,
        "zero_filled": score(options.program, options.edition, labels, options.out / "zero_filled"), "weights": {"path": "../result/checkpoints/best_model.pt", "sha256": "e" * 64, "bytes": 7},
        "findings": [
            finding("data.leaderboard-unread", "fail", "the training read the leaderboard",
                    evidence=["train.py opened ../Data/leaderboard/acc4/kspace/knee_test1.h5"],
                    remediation="Train without the leaderboard folder."),
            finding("time.official-gpu", "inconclusive", "there is no GPU here"),
            finding("layout.float32", "fail", "two volumes were converted", severity="warning"),
            finding("repeat.equal", "pass", "all files are equal"),
            finding("sandbox.network", "pass", "no attempt to reach the network")]}
    (code / ".reconproof/check/check.json").write_text(json.dumps(check))


if __name__ == "__main__":
    main()
