# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# A genuine training of the baseline, cut off and resumed: its ledger holds, and a replay reaches the recorded weights.
# Forgeries that are whole in every line are found by the replay.
. "$(dirname "$0")/lib.sh"
export OMP_WAIT_POLICY=PASSIVE

expect 0 data synth --out train --slices 4 --coils 4 --height 64 --width 64 --volumes 2 --seed 1
expect 0 data synth --out val --slices 2 --coils 4 --height 64 --width 64 --volumes 1 --seed 2 --first-number 9
arguments="--data-train train --data-val val --cascades 1 --chans 2 --sens-chans 2 --threads 1 --seed 7
  --flips --batch-size 3 --save-interval 2 --keep-every 1"

# Stopped within the second epoch, then resumed to the end.
expect 0 train $arguments --epochs 3 --out run --stop-at 5
expect 0 train $arguments --epochs 3 --out run --resume
expect 0 ledger show run/ledger.jsonl
stdout_has "9 steps, 3 epochs, 1 resumptions"
head=$(sed -n 's/^head //p' stdout)
expect 0 ledger verify run/ledger.jsonl --weights run/checkpoints/last.safetensors --head "$head" --data train val
stdout_has "val_loss_log.npy agrees"
stdout_has "data.sha256 agrees"
stdout_has "last.safetensors comes from ledger.jsonl: 9 steps"
expect 0 ledger verify run/ledger.jsonl --weights run/checkpoints/best_model.safetensors
expect 0 convert run/checkpoints/last.safetensors last.pt
expect 0 ledger verify run/ledger.jsonl --weights last.pt
expect 4 ledger verify run/ledger.jsonl --data train
stdout_has "is not there"

# An uninterrupted training of the same seed is the same, of another seed it is not.
expect 0 train $arguments --epochs 3 --out whole
expect 0 ledger compare run/ledger.jsonl whole/ledger.jsonl
expect 0 train $(echo "$arguments" | sed 's/--seed 7/--seed 8/') --epochs 1 --out seed_8
expect 5 ledger compare run/ledger.jsonl seed_8/ledger.jsonl
stdout_has "they first differ before the first step: initial weights"

replay() { expect "$1" ledger replay "$2/ledger.jsonl" --data-train train --data-val val ${3:-}; }
replay 0 run
stdout_has "steps 0 to 2 were taken again: every loss and the weights after 2 steps are the recorded ones, bit for bit"
replay 0 run "--state run/checkpoints/state_0001.safetensors"
stdout_has "steps 3 to 5 were taken again"
replay 0 run "--state run/checkpoints/state_0001.safetensors --until 7"
stdout_has "steps 3 to"
replay 2 run "--state run/checkpoints/state_0003.safetensors"
stderr_has "nothing that a replay could reach"

# By whom it was computed.
expect 0 train $arguments --epochs 1 --out engine --backend engine
replay 0 engine
stdout_has "are the recorded ones, bit for bit"
expect 5 ledger compare run/ledger.jsonl engine/ledger.jsonl

# relinked NAME PYTHON-STATEMENT: the ledger after an edit of `lines`, its chain made anew.
relinked() {
  cp -r run "$1"
  python3 - "$1/ledger.jsonl" "$2" <<'PYTHON'
import hashlib, json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
exec(sys.argv[2])
previous, text = "0" * 64, ""
for seq, line in enumerate(lines):
    line["seq"], line["prev"] = seq, previous
    data = json.dumps(line, separators=(",", ":"))
    previous, text = hashlib.sha256(data.encode()).hexdigest(), text + data + "\n"
open(sys.argv[1], "w").write(text)
PYTHON
  expect 0 ledger verify "$1/ledger.jsonl" --weights "$1/checkpoints/last.safetensors"
  expect 4 ledger verify "$1/ledger.jsonl" --head "$head"
}
relinked loss_edited 'lines[2]["loss"] *= 0.9'
replay 5 loss_edited
stdout_has "they first differ at iteration 1: loss"
relinked weights_edited '[line.update(weights_sha256="0" * 64) for line in lines if line["iteration"] == 2 and line["weights_sha256"]]'
replay 5 weights_edited
stdout_has "they first differ after 2 steps: weights"
relinked by_graph 'lines[0]["backend"] = "graph"'
replay 0 by_graph # without a GPU, by LibTorch
export RECONPROOF_NVML_LIBRARY="$RECONPROOF_FAKE_NVML"
replay 3 by_graph # this GPU is none
stderr_has "--backend graph: records VarNets on an NVIDIA GPU"
unset RECONPROOF_NVML_LIBRARY
relinked seed_exchanged 'lines[0]["seed"] = 8'
replay 5 seed_exchanged
stdout_has "they first differ before the first step: initial weights"
relinked rate_exchanged 'lines[0]["config"]["learning_rate"] = 0.002'
replay 5 rate_exchanged
relinked order_exchanged 'lines[1]["batch"].reverse(); lines[1].update(file=lines[1]["batch"][0][0], slice=lines[1]["batch"][0][1])'
replay 5 order_exchanged
stdout_has "they first differ at iteration 0: slices"
# Other data than those of the training.
cp -r train train_2
cp train/kspace/brain_acc8_2.h5 train_2/kspace/brain_acc4_1.h5
code=0
"$program" ledger replay run/ledger.jsonl --data-train train_2 --data-val val >stdout 2>stderr || code=$?
[ "$code" -ne 0 ] || fail "replayed with other data"
