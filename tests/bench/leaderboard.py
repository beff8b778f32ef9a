# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""A whole leaderboard beside its computing alone: leaderboard.py RECONPROOF-BASELINE [options].

`reconstruct` says itself how much of its time the network took; the rest is reading, checking and writing. From a cold
cache the disk works while the network does. Target: 90 %."""
import argparse
import os
import statistics
import subprocess
import tempfile

import h5py
import numpy as np


def write_volume(path, shape, slices):
    random = np.random.default_rng(len(path))
    coils, rows, columns = shape
    mask = (np.arange(columns) % 4 == 0).astype(np.float32)
    mask[columns // 2 - columns // 24:columns // 2 + columns // 24] = 1
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with h5py.File(path, "w") as file:
        kspace = file.create_dataset("kspace", (slices, coils, rows, columns), np.complex64)
        for index in range(slices):
            kspace[index] = random.standard_normal((coils, rows, columns, 2), np.float32).view(np.complex64)[..., 0] * mask
        file["mask"] = mask
    return path


def write_weights(program, work):
    """Of the default network, untrained but for a step on a little slice."""
    write_volume(f"{work}/train/kspace/brain_acc4_1.h5", (2, 64, 64), 1)
    os.makedirs(f"{work}/train/image")
    with h5py.File(f"{work}/train/image/brain_acc4_1.h5", "w") as file:
        file["image_label"] = np.random.default_rng(0).random((1, 384, 384), np.float32)
        file.attrs["max"] = np.float32(1)
    subprocess.run([program, "train", "--data-train", f"{work}/train", "--out", f"{work}/run", "--epochs", "1", "--backend",
                    "engine"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return f"{work}/run/checkpoints/last.safetensors"


def share(program, work, weights, volumes, threads, cold):
    subprocess.run(["sync"], check=True)
    for volume in volumes:
        if cold:
            subprocess.run(["dd", f"if={volume}", "iflag=nocache", "count=0", "status=none"], check=True)
        else:
            subprocess.run(["dd", f"if={volume}", "of=/dev/null", "bs=1M", "status=none"], check=True)
    printed = subprocess.run([program, "reconstruct", "--weights", weights, "--data", f"{work}/leaderboard", "--out", f"{work}/out",
                              "--threads", str(threads)], check=True, capture_output=True, text=True).stdout
    _, slices, seconds, percent, *_ = printed.split("\n")[1].split()
    return float(seconds), float(percent)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--shape", default="16x768x396")
    parser.add_argument("--volumes", type=int, default=2, help="of each cell")
    parser.add_argument("--slices", type=int, default=8, help="of each volume")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=3)
    a = parser.parse_args()
    shape = tuple(map(int, a.shape.split("x")))
    with tempfile.TemporaryDirectory() as work:
        weights = write_weights(a.program, work)
        volumes = [write_volume(f"{work}/leaderboard/{cell}/kspace/brain_test{i}.h5", shape, a.slices)
                   for cell in ("acc4", "acc8") for i in range(a.volumes)]
        print("| slices | threads | cache | seconds a slice | of it computing |")
        print("| --- | --- | --- | --- | --- |")
        for threads in map(int, a.threads.split(",")):
            for cold in True, False:
                runs = [share(a.program, work, weights, volumes, threads, cold) for _ in range(a.rounds)]
                percents = sorted(percent for _, percent in runs)
                print(f"| {2 * a.volumes * a.slices} of {a.shape} | {threads} | {'cold' if cold else 'warm'} | "
                      f"{statistics.median(seconds for seconds, _ in runs):.3f} | {statistics.median(percents):.1f} % "
                      f"({percents[0]:.1f} to {percents[-1]:.1f}) |", flush=True)


if __name__ == "__main__":
    main()
