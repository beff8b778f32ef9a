# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""The official VarNet by its own code and by ours, in pairs: peers.py PROGRAMS-DIR REPOSITORY PYTHON [options].

In each round every side reconstructs one slice, or makes one step of a training, ours three; a ratio is one round's. The
official code runs as it is, and with the C library's allocator told to keep its memory. All sides have the same threads, on
the same processors, and the same instruction sets."""
import argparse
import json
import os
import platform
import statistics
import subprocess
import tempfile

import h5py
import numpy as np

from measured import run

TUNED = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000", "MALLOC_TOP_PAD_": "1073741824",
         "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
ISAS = {"avx2": {"RECONPROOF_ISA": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2",
                 "MKL_ENABLE_INSTRUCTIONS": "AVX2"},
        "avx512": {}}


def make_slice(shape, work):
    """Noise, every fourth column and a twelfth in the middle."""
    coils, rows, columns = shape
    random = np.random.default_rng(430)
    mask = np.zeros(columns, np.float32)
    mask[::4] = 1
    centre = columns // 12
    mask[(columns - centre) // 2:][:centre] = 1
    kspace = random.standard_normal((coils, rows, columns, 2), np.float32).view(np.complex64)[..., 0] * mask
    np.save(f"{work}/kspace.npy", kspace)
    np.save(f"{work}/mask.npy", mask)
    label = random.random((384, 384), np.float32)
    np.save(f"{work}/label.npy", label)
    for volume in "leaderboard/acc4/kspace/brain_test1", "leaderboard/acc8/kspace/brain_test1", "train/kspace/brain_acc4_1":
        os.makedirs(os.path.dirname(f"{work}/{volume}"), exist_ok=True)
        with h5py.File(f"{work}/{volume}.h5", "w") as file:
            file["kspace"], file["mask"] = kspace[None], mask
    os.makedirs(f"{work}/train/image", exist_ok=True)
    with h5py.File(f"{work}/train/image/brain_acc4_1.h5", "w") as file:
        file["image_label"] = label[None]
        file.attrs["max"] = label.max()


class Official:
    def __init__(self, a, work, environment, threads):
        cores = ",".join(str(core) for core in sorted(os.sched_getaffinity(0))[:threads])
        self.process = subprocess.Popen(
            ["taskset", "-c", cores, a.python, os.path.join(os.path.dirname(__file__), "peers_worker.py"), a.repository,
             work, str(threads), a.what], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **environment, "OMP_NUM_THREADS": str(threads), "PYTHONDONTWRITEBYTECODE": "1"})
        self.first = self.run("save")

    def run(self, line="run"):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def ours(a, arguments, environment, threads):
    cores = ",".join(str(core) for core in sorted(os.sched_getaffinity(0))[:threads])
    return run(["taskset", "-c", cores, os.path.join(a.programs, "reconproof-baseline"), *arguments, "--threads", str(threads)],
               environment)


def our_time(a, shape, environment, threads):
    printed, peak_mb = ours(a, ["pace", "--backend", "engine", "--json", "--slices", "3", "--shape",
                                "x".join(map(str, shape)), *(["--training"] if a.what == "training" else [])],
                            environment, threads)
    return {"seconds": json.loads(printed)["ms_per_slice"] / 1e3, "peak_mb": peak_mb}


def largest_difference(a, work, environment, threads):
    ours(a, ["reconstruct", "--edition", "snu-2025", "--backend", "engine", "--weights", f"{work}/network.pt",
             "--data", f"{work}/leaderboard", "--out", f"{work}/out"], environment, threads)
    with h5py.File(f"{work}/out/acc4/brain_test1.h5") as file:
        image = file["reconstruction"][0].astype(np.float64)
    official = np.load(f"{work}/image.npy")[0]
    return [np.abs(image - official).max() / np.abs(official).max()]


def largest_difference_of_a_step(a, work, environment, threads, official):
    """Relative, of the first step's loss and of the norm of all gradients."""
    ours(a, ["train", "--edition", "snu-2025", "--backend", "engine", "--data-train", f"{work}/train", "--out",
             f"{work}/run", "--epochs", "1", "--stop-at", "1"], environment, threads)
    with open(f"{work}/run/ledger.jsonl") as file:
        step = next(line for line in map(json.loads, file) if line["kind"] == "step")
    return [abs(step[name] / official[name] - 1) for name in ("loss", "grad_norm")]


def compare(a, shape, isa, threads):
    with tempfile.TemporaryDirectory() as work:
        make_slice(shape, work)
        sides = {"official": Official(a, work, ISAS[isa], threads),
                 "tuned": Official(a, work, {**ISAS[isa], **TUNED}, threads)}
        rounds = []
        for _ in range(a.rounds):
            rounds.append({name: side.run() for name, side in sides.items()})
            rounds[-1]["ours"] = our_time(a, shape, ISAS[isa], threads)
        for side in sides.values():
            side.close()
        if a.what == "training":
            difference = largest_difference_of_a_step(a, work, ISAS[isa], threads, sides["official"].first)
        else:
            difference = largest_difference(a, work, ISAS[isa], threads)
    result = {"what": a.what, "shape": "x".join(map(str, shape)), "isa": isa, "threads": threads, "difference": difference}
    for name in "official", "tuned", "ours":
        result[name] = statistics.median(r[name]["seconds"] for r in rounds)
        result[f"{name}_mb"] = max(r[name]["peak_mb"] for r in rounds)
    for name in "official", "tuned":
        ratios = sorted(r[name]["seconds"] / r["ours"]["seconds"] for r in rounds)
        result[f"{name}_ratio"] = [ratios[0], statistics.median(ratios), ratios[-1]]
    return result


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs")
    parser.add_argument("repository")
    parser.add_argument("python")
    parser.add_argument("--what", choices=["inference", "training"], default="inference")
    parser.add_argument("--shapes", default="16x768x396,8x768x392,15x640x368,20x768x396")
    parser.add_argument("--isas", default=",".join(ISAS))
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json")
    return parser.parse_args()


def machine(a):
    with open("/proc/cpuinfo") as file:
        lines = file.read().split("\n")
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    has_avx512 = any("avx512f" in line for line in lines if line.startswith("flags"))
    torch = subprocess.run([a.python, "-c", "import torch; print(torch.__version__)"], capture_output=True, text=True,
                           check=True).stdout.strip()
    version = subprocess.run([os.path.join(a.programs, "reconproof"), "version"], capture_output=True, text=True,
                             check=True).stdout.split("\n")[0]
    return {"processor": model, "cores": os.cpu_count(), "avx512": has_avx512, "torch": torch, "ours": version}


def main():
    a = parse()
    about = machine(a)
    print(f"{about['processor']}, {about['cores']} cores; PyTorch {about['torch']}; {about['ours']}")
    print(f"| {'slice' if a.what == 'inference' else 'step'} | ISA | threads | official s | tuned s | ours s | official / ours | tuned / ours | memory MB | "
          "difference |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    results = []
    for isa in a.isas.split(","):
        if isa == "avx512" and not about["avx512"]:
            continue
        for threads in map(int, a.threads.split(",")):
            for text in a.shapes.split(","):
                r = compare(a, tuple(map(int, text.split("x"))), isa, threads)
                results.append(r)
                spread = ["{1:.2f} ({0:.2f} to {2:.2f})".format(*r[f"{name}_ratio"]) for name in ("official", "tuned")]
                print(f"| {r['shape']} | {isa} | {threads} | {r['official']:.2f} | {r['tuned']:.2f} | {r['ours']:.3f} | "
                      f"{spread[0]} | {spread[1]} | {r['official_mb']:.0f}, {r['tuned_mb']:.0f}, {r['ours_mb']:.0f} | "
                      f"{', '.join(f'{one:.1e}' for one in r['difference'])} |", flush=True)
    if a.json:
        with open(a.json, "w") as file:
            json.dump({"machine": about, "results": results}, file, indent=1)


main()
