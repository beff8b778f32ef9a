# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# What measuring costs: sh overhead.sh PROGRAM SLICE-TEAM [RUNS]
#   slice      from the request to the image in the harness's private memory, of a recon_slice that does nothing, for
#              volumes of 20 x 768 x 396: median, below 1 ms
#   whole run  a command of 10 s, alone and measured in the sandbox, in turns: ratio of the medians, below 1.02
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

# A fixed amount of work, about 10 s.
loops=$("$python" -c 'import time
begin, loops = time.perf_counter(), 0
while time.perf_counter() - begin < 2:
    sum(range(100000))
    loops += 1
print(loops * 5)')
work_text="for _ in range($loops): sum(range(100000))"
project snu-2025 "\"$python\", \"-c\", \"$work_text\"" whole >"$work/code/reconproof.toml"
for _ in $(seq "$runs"); do
  begin=$(date +%s.%N)
  "$python" -c "$work_text"
  end=$(date +%s.%N)
  check --only run.completes
  echo "$begin $end $(json run wall_s)"
done >"$work/times"
"$python" - "$work/times" <<'END'
import statistics, sys
rows = [list(map(float, line.split())) for line in open(sys.argv[1])]
alone = [end - begin for begin, end, _ in rows]
measured = [wall for _, _, wall in rows]
ratios = sorted(m / a for m, a in zip(measured, alone))
print(f"whole run: alone {statistics.median(alone):.3f} s, measured {statistics.median(measured):.3f} s, "
      f"ratio {statistics.median(measured) / statistics.median(alone):.4f} (pairs {ratios[0]:.4f} to {ratios[-1]:.4f})")
END
