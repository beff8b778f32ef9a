# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""The official VarNet on a GPU, by its own code and by ours: gpu.py PROGRAMS-DIR REPOSITORY PYTHON [options].

A slice by PyTorch as it is (eager), eager with channels last, by torch.compile, and by ours, operation by operation and as a CUDA
graph; a step of a training by PyTorch as it is and by ours, both ways. One slice at a time, which is on the GPU before the clock
starts; its image comes back. TF32 is off everywhere. Memory is the most that tensors held, from the first run on: what is recorded
is allocated then. Targets: 2 times eager, 1.3 times torch.compile, the same four decimals of the score, at most 0.7 of eager's
peak memory; a training step 1.5 times. Exits with 77 where there is no GPU."""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

WORKER = r"""
import json, sys, time
import torch
repository, shape, what, slices = sys.argv[1], [int(n) for n in sys.argv[2].split("x")], sys.argv[3], int(sys.argv[4])
sys.path[:0] = [repository, f"{repository}/utils/model"]
from utils.common.loss_function import SSIMLoss
from varnet import VarNet
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
torch.manual_seed(430)
coils, rows, columns = shape
mask = torch.zeros(columns)
mask[::4] = 1
centre = columns // 12
mask[(columns - centre) // 2:][:centre] = 1
kspace = torch.view_as_real(torch.randn(1, coils, rows, columns, dtype=torch.complex64) * mask).contiguous().cuda()
mask = mask.reshape(1, 1, 1, -1, 1).byte().cuda()
label, maximum = torch.rand(1, 384, 384).cuda(), torch.ones(1).cuda()
network = VarNet(num_cascades=1, chans=9, sens_chans=4).cuda()
optimizer, ssim_loss = torch.optim.Adam(network.parameters(), 1e-3), SSIMLoss().cuda()
run = torch.compile(network) if what == "compile" else network
if what == "channels last":
    network.to(memory_format=torch.channels_last)

def image():
    with torch.no_grad():
        return run(kspace, mask).cpu()

def step():
    loss = ssim_loss(run(kspace, mask), label, maximum)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

once = step if what == "training" else image
torch.cuda.reset_peak_memory_stats()
for _ in range(5):
    once()
times = []
for _ in range(slices):
    torch.cuda.synchronize()
    begin = time.perf_counter()
    once()
    torch.cuda.synchronize()
    times.append(time.perf_counter() - begin)
times.sort()
print(json.dumps({"ms": 1e3 * times[len(times) // 2], "peak_mb": torch.cuda.max_memory_allocated() / 2**20,
                  "gpu": torch.cuda.get_device_name(), "torch": torch.__version__}))
"""


def official(a, shape, what):
    return json.loads(subprocess.run([a.python, "-c", WORKER, a.repository, shape, what, str(a.slices)], check=True,
                                     capture_output=True, text=True).stdout.strip().split("\n")[-1])


def ours(a, shape, backend, training=False):
    """None where this program cannot."""
    run = subprocess.run([os.path.join(a.programs, "reconproof-baseline"), "pace", "--backend", backend, "--json", "--slices",
                          str(a.slices), "--shape", shape, *(["--training"] if training else [])], capture_output=True, text=True)
    if run.returncode != 0:
        print(run.stderr.strip(), file=sys.stderr)
        return None
    told = json.loads(run.stdout)
    if told["device"] != "cuda":
        raise SystemExit("reconproof-baseline has a LibTorch for processors alone: build it with PYTHON=, a Python whose torch has CUDA")
    return {"ms": told["ms_per_slice"], "peak_mb": (told.get("peak_bytes") or 0) / 2**20}


def printed_score(a, backend, environment):
    """The four decimals of the score of the repository's golden leaderboard."""
    data = os.path.join(os.path.dirname(__file__), "../data/varnet")
    with tempfile.TemporaryDirectory() as out:
        subprocess.run([os.path.join(a.programs, "reconproof-baseline"), "reconstruct", "--edition", "snu-2025", "--backend", backend,
                        "--weights", f"{data}/best_model-torch1.13.pt", "--data", f"{data}/leaderboard", "--out", out], check=True,
                       stdout=subprocess.DEVNULL, env={**os.environ, **environment})
        text = subprocess.run([os.path.join(a.programs, "reconproof"), "score", "--edition", "snu-2025", "--labels",
                               f"{data}/leaderboard", "--recon", out], check=True, capture_output=True, text=True).stdout
    return re.search(r"total +(\S+)", text)[1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs")
    parser.add_argument("repository")
    parser.add_argument("python")
    parser.add_argument("--shapes", default="16x768x396,8x768x392,15x640x368,20x768x396")
    parser.add_argument("--slices", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    a = parser.parse_args()
    if subprocess.run([a.python, "-c", "import torch; raise SystemExit(not torch.cuda.is_available())"],
                      stderr=subprocess.DEVNULL).returncode != 0:
        print("no usable GPU here: nothing is measured")
        return 77
    runs = {"eager": lambda shape: official(a, shape, "eager"), "channels last": lambda shape: official(a, shape, "channels last"),
            "compile": lambda shape: official(a, shape, "compile"), "ours": lambda shape: ours(a, shape, "auto"),
            "graph": lambda shape: ours(a, shape, "graph"), "step, eager": lambda shape: official(a, shape, "training"),
            "step, ours": lambda shape: ours(a, shape, "libtorch", True), "step, graph": lambda shape: ours(a, shape, "graph", True)}
    header = [*(f"{name}, ms" for name in runs), "eager / best", "compile / best", "step: eager / best", "MB: eager, ours, graph"]
    print("| slice |", " | ".join(header), "|\n|", " --- |" * (len(header) + 1))
    for shape in a.shapes.split(","):
        rounds = [{name: run(shape) for name, run in runs.items()} for _ in range(a.rounds)]
        ms = {name: statistics.median(r[name]["ms"] for r in rounds) if rounds[0][name] else float("nan") for name in runs}
        mb = {name: max(r[name]["peak_mb"] for r in rounds) if rounds[0][name] else float("nan") for name in runs}
        best = min(ms[name] for name in ["ours", "graph"] if rounds[0][name])
        step = min(ms[name] for name in ["step, ours", "step, graph"] if rounds[0][name])
        cells = [*(f"{ms[name]:.2f}" for name in runs), f"{ms['eager'] / best:.2f}", f"{ms['compile'] / best:.2f}",
                 f"{ms['step, eager'] / step:.2f}", ", ".join(f"{mb[name]:.0f}" for name in ["eager", "ours", "graph"])]
        print(f"| {shape} |", " | ".join(cells), "|", flush=True)
    scores = {"processor": printed_score(a, "libtorch", {"CUDA_VISIBLE_DEVICES": ""})}
    for backend in ["auto", "graph"] if rounds[0]["graph"] else ["auto"]:
        scores[backend] = printed_score(a, backend, {})
    print("score:", ", ".join(f"{name} {score}" for name, score in scores.items()))
    print(f"{rounds[0]['eager']['gpu']}, PyTorch {rounds[0]['eager']['torch']}; medians of {a.rounds} rounds of {a.slices}")
    return 0 if len(set(scores.values())) == 1 else 1


sys.exit(main())
