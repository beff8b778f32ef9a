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
Epoch = [  0/  5] Iter = [   0/ 100] Loss = 0.4123 Time = 0.$i000s
Epoch = [  0/  5] Iter = [  10/ 100] Loss = 0.41$i Time = 0.$i000s
LOG
done
expect 6 ledger compare train_1.log train_1.log
stdout_has "Compared at 4 significant digits"
stdout_has "Whether both began with the same weights cannot be told from them"
expect 5 ledger compare train_1.log train_2.log
stdout_has "they first differ at iteration 10: loss 0.411 against 0.412"
expect 3 ledger compare train_1.log runs/attacks.txt
expect 2 ledger
stderr_has "ledger: no subcommand"
expect 2 ledger mend x
expect 2 ledger replay $genuine/ledger.jsonl
expect 0 ledger --help

# Rules training.lineage and code.scan of a check.
team copy
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
