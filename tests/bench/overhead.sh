# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# What measuring costs: sh overhead.sh PROGRAM SLICE-TEAM [RUNS]
#   slice      from the request to the image in the harness's private memory, of a recon_slice that does nothing, for
#              volumes of 20 x 768 x 396: median, below 1 ms
#   whole run  a command of 10 s in the sandbox, with all that the harness does around and beside it: ratio, below 1.02
set -eu
program=$1
team=$(cd "$2" && pwd)
runs=${3:-5}
python=/usr/bin/python3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

project() { # EDITION COMMAND CONTRACT
  cat <<END
[project]
name = "overhead"
edition = "$1"
[data]
leaderboard = "../Data/leaderboard"
[steps.reconstruct]
command = [$2]
contract = "$3"
weights = "../result/net/checkpoints/best_model.pt"
outputs = "../result/net/reconstructions_leaderboard"
END
}
# json KEY...: a number of the last check.
json() {
  "$python" -c 'import json, sys
value = json.load(open(sys.argv[1]))
for key in sys.argv[2:]: value = value[key]
print(value)' "$work/code/.reconproof/check/check.json" "$@"
}
# The slice that does nothing is found out (time.prep-volume): its times are there all the same.
check() {
  code=0
  "$program" check "$work/code" "$@" >"$work/printed" 2>&1 || code=$?
  case $code in 1 | 6) ;; *) cat "$work/printed" >&2; exit 1 ;; esac
}

mkdir -p "$work/code" "$work/result/net/checkpoints"
echo weights >"$work/result/net/checkpoints/best_model.pt"
"$program" data synth --out "$work/Data/leaderboard" --layout leaderboard --volumes 1 --slices 8 --coils 20 --height 768 \
  --width 396 --seed 1 >/dev/null 2>&1

cp "$team/recon_eval.py" "$work/code"
cat >"$work/code/method.py" <<'END'
import h5py
import numpy


def load_model(args, device):
    return numpy.ones((384, 384), numpy.float32)


def prep_volume(image_path, kspace_path, device):
    with h5py.File(kspace_path, "r") as file:
        kspace = file["kspace"][:]
    return {"kspace": kspace, "num_slices": len(kspace)}


def recon_slice(model, ctx, s):
    return model
END
project snu-2026 "\"$python\", \"recon_eval.py\", \"-n\", \"net\"" slice >"$work/code/reconproof.toml"
check --only time.slice
echo "slice: median $(json slices hardened statistics median_ms) ms, 95 % within $(json slices hardened statistics p95_ms) ms;" \
  "as recon_eval.py asks: median $(json slices official statistics median_ms) ms"

# A command that says when it began and ended and what processor time it took. What a machine's cores do at a time varies by
# more than 2 %, so runs of two commands cannot be compared: the overhead is all time outside that span, less a start of the
# interpreter, and all processor time of the harness beside it, as if there were one core. What the harness does before and
# after the run is known from a command of no length.
project snu-2025 "\"$python\", \"work.py\"" whole >"$work/code/reconproof.toml"
"$python" - "$program" "$work/code" "$runs" <<'END'
import glob, json, os, resource, statistics, subprocess, sys, time

program, code, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])
WORK = """
import json, os, time

begin = time.monotonic()
while time.monotonic() - begin < {}:
    sum(range(100000))
folder = "../result/net/reconstructions_leaderboard"
os.makedirs(folder, exist_ok=True)
with open(folder + "/span.json", "w") as file:
    json.dump([time.monotonic() - begin, sum(os.times()[:2])], file)
"""


def spent(command):
    def cpu():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    wall, before = time.monotonic(), cpu()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - wall, cpu() - before


def measured(seconds):
    """Of a run: the command's span, time outside it, processor time of all others."""
    with open(code + "/work.py", "w") as file:
        file.write(WORK.format(seconds))
    _, cpu = spent([program, "check", code, "--fresh", "--only", "run.completes"])
    with open(code + "/.reconproof/check/check.json") as file:
        wall = json.load(file)["run"]["wall_s"]
    (path,) = glob.glob(code + "/.reconproof/check/**/span.json", recursive=True)
    with open(path) as file:
        span, own_cpu = json.load(file)
    return span, wall - span, cpu - own_cpu


rows = []
for _ in range(runs):
    start = spent([sys.executable, "-c", "import json, os, time"])[0]
    _, _, idle = measured(0)
    span, outside, cpu = measured(10)
    rows.append((outside - start, cpu - idle, (span + outside - start + cpu - idle) / span))
outside, harness, ratio = (statistics.median(row[i] for row in rows) for i in range(3))
print(f"whole run: {1e3 * outside:.0f} ms around the command, {1e3 * harness:.0f} ms of processor time beside it: ratio {ratio:.4f} "
      f"({min(row[2] for row in rows):.4f} to {max(row[2] for row in rows):.4f})")
END
