# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Plans: sh plan.sh PROGRAM TEST-DATA FAKE-SUBMISSION TRAINING-TEAM. A program stands for the baseline beside a copy of
# the harness; real predictions: plan_baseline.sh.
trainer=$(cd "$4" && pwd)
. "$(dirname "$0")/lib.sh"
mkdir bin
cp "$program" "$(dirname "$program")/reconproof-launcher" bin/
program=$work/bin/reconproof
shape=--shape=16x768x396

# baseline CALIBRATION GIB MS: a baseline that says so of every network.
baseline() {
  bytes=$(($2 * 1073741824))
  cat >bin/reconproof-baseline <<END
#!/bin/sh
[ "\$1" = plan ] || exit 2
cat <<JSON
{"schema": "reconproof.network-plan", "schema_version": 1,
 "device": {"kind": "cpu", "name": "a processor", "threads": 1, "libtorch": "1.13.1"}, "calibration": $1,
 "networks": [{"model": "varnet", "sizes": {"cascades": 1, "chans": 9, "sens_chans": 4, "pools": 4},
   "gradient_checkpointing": false, "precision": "fp32", "parameters": 500000, "shapes": [{"shape": [16, 768, 396],
   "inference_bytes": $bytes, "training_bytes": $bytes, "gpu_inference_bytes": $bytes, "gpu_training_bytes": $bytes,
   "gpu_checkpointed_bytes": $bytes, "inference_ms": $3, "training_ms": $3}]}]}
JSON
END
  chmod +x bin/reconproof-baseline
}
calibrated='{"measured_at": 1700000000, "inference_residual": 0.1, "training_residual": 0.2}'

# ---- what is refused ----
expect 2 plan --edition snu-2025
stderr_has "give --data DIR"
expect 2 plan "$shape"
stderr_has "give --edition E"
expect 2 plan --edition snu-2025 --shape 16x768
stderr_has "expected COILSxROWSxCOLUMNS such as 16x768x396"
expect 2 plan --edition snu-2025 "$shape" -- python3 train.py
stderr_has "a command after -- is for --probe"
expect 2 plan --log x
stderr_has "--log needs --deadline"
expect 2 plan --deadline 2026-08-20T18:00 --log x
stderr_has "it lacks the offset from UTC"
stderr_has "write it so: 2026-08-20T18:00+09:00"
stderr_is_one_line
expect 2 plan --deadline soon --log x
stderr_has "no date and time"
expect 3 plan --edition snu-2025 "$shape"
stderr_has "bin/reconproof-baseline: not there"
printf '#!/bin/sh\necho nothing\n' >bin/reconproof-baseline && chmod +x bin/reconproof-baseline
expect 3 plan --edition snu-2025 "$shape"
stderr_is_one_line

# ---- predictions: every exit code ----
baseline null 2 null
expect 6 plan --edition snu-2025 "$shape"
stdout_has "NOT CALIBRATED"
stdout_has "fits            GPU memory of training: 2.5 GiB (2.24 to 2.8) predicted; limit 7.45 GiB (7.92 in another source), 4.95 GiB left"
stdout_has "cannot be said  time of the whole leaderboard"
stdout_has "memory.gpu (uncertain): "
stdout_has "304128 tokens squared x 8 heads x 4 bytes = 2.69 TiB a layer"
stdout_has "(declared, forward pass alone) for the official VarNet on NVIDIA GeForce GTX 1080"
expect 6 plan --edition snu-2025 "$shape" --json
stdout_has '"known": "predicted"'
stdout_has '"calibration": null'

# As fast as the official VarNet, whatever that is here.
baseline "$calibrated" 2 100
expect 0 plan --edition snu-2025 "$shape" --volumes 10
stdout_has "speeds measured on a processor with 1 thread "
stdout_has "that is old, calibrate again"
stdout_has "  epoch        14.0 s"
stdout_has "116 volumes of snu-2025 with 16 slices each (assumed) = 1856 slices (declared)"
expect 0 plan --edition snu-2025 "$shape" --json
stdout_has '"exit_code": 0'
baseline "$calibrated" 9 100
expect 1 plan --edition snu-2025 "$shape"
stdout_has "exceeds         GPU memory of training: 9.5 GiB (8.33 to 10.8) predicted"
stdout_has "GiB too much; even with --gradient-checkpointing it would take 9.50 GiB"
stdout_has "none of those that were looked at"
expect 0 plan --edition nyu-brain "$shape"
stdout_has "limits neither time nor memory"

# Headers of real files: the largest is the worst.
"$program" data synth --out data/train --volumes 2 --slices 3 --coils 4 --height 64 --width 64 --seed 2 >/dev/null 2>&1
"$program" data synth --out big --volumes 1 --slices 3 --coils 6 --height 64 --width 64 --seed 3 >/dev/null 2>&1
for part in kspace image; do cp big/$part/*.h5 data/train/$part/zz.h5; done
baseline "$calibrated" 2 100
expect 0 plan --edition snu-2025 --data data
stdout_has "Worst slice (6, 64, 64)"
stdout_has "Training set: 9 slices"
expect 3 plan --edition snu-2025 --data bin
stderr_has "neither a data set"

# ---- deadlines ----
export TZ=UTC
cat >train.log <<'END'
Epoch = [  0/ 10] Iter = [   0/ 100] Loss = 0.5 Time = 0.9s
Epoch = [  0/ 10] TrainLoss = 0.2 ValLoss = 0.1 TrainTime = 3500s ValTime = 100s
Epoch = [  1/ 10] TrainLoss = 0.2 ValLoss = 0.1 TrainTime = 3500s ValTime = 100s
END
plan="plan --log train.log --deadline 2026-08-20T18:00+09:00"
expect 0 $plan --now 2026-08-18T18:00+09:00 --reserve 6
stdout_has "Deadline          2026-08-20 18:00 +09:00"
stdout_has "median of 2 epochs of train.log, with validation"
stdout_has "Epochs that fit   42 from now on"
stdout_has "8 of 10 epochs left"
stdout_has "Last start        2026-08-20 02:00 +09:00 (here: 2026-08-19 17:00)"
expect 1 $plan --now 2026-08-18T18:00+09:00 --reserve 6 --epochs 43
stdout_has "Does not fit"
expect 0 $plan --now 2026-08-18T18:00+09:00 --edition snu-2025 --epochs 5 --json
stdout_has '"reserve_s": 16200.0'
stdout_has '"last_start_utc": "2026-08-19T23:30:00.000000Z"'
expect 1 $plan --now 2026-08-20T19:00+09:00 --reserve 6
stdout_has "The deadline passed 1 h 00 min ago"
expect 3 plan --log bin/reconproof-baseline --deadline 2026-08-20T18:00+09:00
stderr_has "no line of the official trainer"
# Without a log the predicted epoch counts.
expect 0 plan --deadline 2026-08-20T18:00+09:00 --now 2026-08-18T18:00+09:00 --edition snu-2025 --data data --epochs 5
stdout_has "predicted for NVIDIA GeForce GTX 1080, without validation"
baseline null 2 null
expect 2 plan --deadline 2026-08-20T18:00+09:00 --edition snu-2025 "$shape" --epochs 5
stderr_has "how long an epoch takes is not known"

# ---- a probe of a team's own training ----
team ok
cp -r "$trainer"/* team/code/
cd team/code
probe="plan --probe --edition snu-2025 --data $work/data"
expect 2 plan --probe --edition snu-2025 -- true
stderr_has "--probe needs --data DIR"
expect 2 $probe -- /usr/bin/python3 train.py good
stderr_has "the command has no {data}"
expect 6 $probe --project "$work" -- sh -c 'ls "$1/kspace"; sleep 0.3; exit 3' sh '{data}'
stdout_has "no update of a torch optimizer was seen: it ended with exit code 3"
stdout_has "zz.h5"
stdout_has "Reconstruction: not made: $work/reconproof.toml is not there"
expect 6 $probe -- sh -c 'exec /usr/bin/python3 train.py good # "$1"' sh '{data}'
stdout_has "Probed with the largest slices: (6, 64, 64)"
stdout_has "Training: 6 updates"
stdout_has "s an update (measured, the first left out)"
stdout_has "an epoch: "
stdout_has "s a slice, "
stdout_has "the leaderboard: "
stdout_has "cannot be said  GPU memory of training: not measured: "
expect 0 plan --probe --edition nyu-brain --data "$work/data" --project "$work" --json -- \
  sh -c 'exec /usr/bin/python3 train.py good # "$1"' sh '{data}'
stdout_has '"schema": "reconproof.probe"'
stdout_has '"updates": 6'
