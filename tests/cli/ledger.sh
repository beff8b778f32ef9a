# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Ledgers: a genuine, resumed training passes, every attack is found; two trainings are compared.
. "$(dirname "$0")/lib.sh"
python3 "$(dirname "$0")/ledger_attacks.py" runs
genuine=runs/genuine

expect 0 ledger show $genuine/ledger.jsonl
stdout_has "14 lines, 8 steps, 2 epochs, 1 resumptions"
head=$(sed -n 's/^head //p' stdout)
[ "$head" = "$(tail -n 1 $genuine/ledger.jsonl | tr -d '\n' | sha256sum | cut -d ' ' -f 1)" ] || fail "another head"
expect 0 ledger show $genuine/ledger.jsonl --json
stdout_has "\"head\": \"$head\""

expect 0 ledger verify $genuine/ledger.jsonl --weights $genuine/best_model.safetensors
stdout_has "best_model.safetensors comes from ledger.jsonl: 8 steps"
expect 0 ledger verify $genuine/ledger.jsonl --head "$head"

found=0
while read -r attack code needs; do
  run=runs/$attack
  if [ "$needs" = head ]; then
    expect 0 ledger verify "$run/ledger.jsonl" --weights "$run/best_model.safetensors"
    expect "$code" ledger verify "$run/ledger.jsonl" --weights "$run/best_model.safetensors" --head "$head"
    stdout_has "fault: no ledger has the head $head"
  else
    expect "$code" ledger verify "$run/ledger.jsonl" --weights "$run/best_model.safetensors"
    stdout_has "fault: "
  fi
  found=$((found + 1))
done <runs/attacks.txt
[ "$found" -ge 20 ] || fail "only $found attacks"

# A ledger without an end: only its head tells whether something was cut off.
mkdir cut
head -n 13 $genuine/ledger.jsonl >cut/ledger.jsonl
expect 6 ledger verify cut/ledger.jsonl --weights $genuine/best_model.safetensors
stdout_has "open: cut/ledger.jsonl: has no end"
expect 0 ledger verify cut/ledger.jsonl --head "$(tail -n 1 cut/ledger.jsonl | tr -d '\n' | sha256sum | cut -d ' ' -f 1)"

expect 3 ledger verify missing.jsonl
expect 3 ledger show $genuine/best_model.safetensors
expect 4 ledger show runs/line_removed/ledger.jsonl
stderr_has "line_removed/ledger.jsonl:4: seq is 4, expected 3"
expect 3 ledger verify $genuine/ledger.jsonl --weights missing.pt

# Two trainings.
expect 0 ledger compare $genuine/ledger.jsonl $genuine/ledger.jsonl
stdout_has "they are equal over the 8 steps that both have"
expect 5 ledger compare $genuine/ledger.jsonl runs/loss_edited/ledger.jsonl
stdout_has "they first differ at iteration 1: loss"
expect 5 ledger compare $genuine/ledger.jsonl runs/written_anew_for_given_weights/ledger.jsonl --json
stdout_has '"quantity": "initial weights"'
for i in 1 2; do
  cat >train_$i.log <<LOG
Epoch = [  0/  5] Iter = [   0/ 100] Loss = 0.4123 Time = 0.${i}000s
Epoch = [  0/  5] Iter = [  10/ 100] Loss = 0.41$i Time = 0.${i}000s
LOG
done
expect 6 ledger compare train_1.log train_1.log
stdout_has "Compared at 4 significant digits"
stdout_has "Whether both began with the same weights cannot be told from them"
expect 5 ledger compare train_1.log train_2.log
stdout_has "they first differ at iteration 10: loss 0.411 against 0.412"
expect 3 ledger compare train_1.log runs/attacks.txt
# A replay, by a program that stands in for the baseline: what it is asked for, and what its ledger is judged to be.
mkdir bin
cp "$program" bin/reconproof
cat >bin/reconproof-baseline <<PYTHON
#!/usr/bin/env python3
import os, sys
sys.path.insert(0, "$(cd "$(dirname "$0")" && pwd)")
sys.dont_write_bytecode = True
from ledger_attacks import relink, training
def option(name): return sys.argv[sys.argv.index(name) + 1]
open("asked", "w").write(" ".join(sys.argv[1:]))
stop = int(option("--stop-at"))
lines = [line for line in training(int(option("--seed"))) if line["kind"] in ("start", "step", "weights")]
lines = [line for line in lines if line["iteration"] < stop + (line["kind"] == "weights")]
if os.environ.get("FAKE_DATA"): lines[0]["data_sha256"] = "0" * 64
if os.environ.get("FAKE_THREADS"):
    lines[0]["threads"] = 2
    lines[2]["loss"] *= 1 + float(os.environ["FAKE_THREADS"])
if os.environ.get("FAKE_FAILURE"): sys.exit("cannot train")
open(option("--out") + "/ledger.jsonl", "wb").write(relink(lines))
PYTHON
chmod +x bin/reconproof-baseline
real=$program
program=$work/bin/reconproof
replay() { expect "$1" ledger replay "runs/$2/ledger.jsonl" --data-train Data/train Data/more --data-val Data/val; }
replay 0 genuine
stdout_has "steps 0 to 4 were taken again: every loss and the weights after 4 steps are the recorded ones, bit for bit"
for option in "train --model varnet --seed 430 --cascades 1" "--edition snu-2025 --threads 1 --backend libtorch --epochs 2 --batch-size 1" \
  "--lr 0.001 --lr-schedule constant" "--flips --remask 4,8 --data-train Data/train Data/more --data-val Data/val" \
  "--stop-at 4"; do
  grep -qF -- "$option" asked || fail "the baseline was not asked for $option: $(cat asked)"
done
expect 0 ledger replay $genuine/ledger.jsonl --data-train Data/train --until 5 --json
stdout_has '"to": 6'
replay 5 loss_edited
stdout_has "they first differ at iteration 1: loss"
replay 5 seed_exchanged
stdout_has "they first differ before the first step: initial weights"
replay 4 line_removed
export FAKE_THREADS=1e-5
replay 6 genuine
unset FAKE_THREADS
stdout_has "(threads 2 in place of 1)"
export FAKE_THREADS=0.1
replay 5 genuine
unset FAKE_THREADS
export FAKE_DATA=1
replay 4 genuine
unset FAKE_DATA
stderr_has "was trained on other data"
export FAKE_FAILURE=1
replay 70 genuine
unset FAKE_FAILURE
stderr_has "cannot train"
expect 2 ledger replay $genuine/ledger.jsonl --data-train Data/train --until 9
stderr_has "nothing that a replay could reach"
program=$real

expect 2 ledger
stderr_has "ledger: no subcommand"
expect 2 ledger mend x
expect 2 ledger replay $genuine/ledger.jsonl
expect 0 ledger --help

# Rules training.lineage and code.scan of a check.
team ok
mkdir -p team/result/run
cp $genuine/* team/result/run/
sed -i 's,^weights = .*,weights = "../result/run/best_model.safetensors",' team/code/reconproof.toml
expect 6 check team/code --only training.lineage,code.scan
stdout_has "pass          training.lineage"
cp runs/final_weights_exchanged/best_model.safetensors team/result/run/
expect 1 check team/code --only training.lineage
stdout_has "no ledger leads to the weights"
rm team/result/run/ledger.jsonl
printf 'import requests\nrequests.get("x")\n' >team/code/train.py
expect 6 check team/code --only training.lineage,code.scan
stdout_has "training.lineage"
stdout_has "train.py:2: download: requests.get(...)"
