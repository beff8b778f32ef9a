#!/bin/sh
# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The whole road on real data: make data, train, check (measured reconstruction, rules, score), pack, verify,
# reproduce, report.
# Usage: examples/demo.sh BIN OUT   (`make demo` builds BIN first)
#
# Training and validation are simulated from the brain of Debian's mricron-data; the leaderboard is one real
# slice of another person (tests/data/brain_t1_7coil), so nothing can leak.
set -eu

bin=$(cd "$1" && pwd)
out=$2
here=$(cd "$(dirname "$0")/.." && pwd)
anatomy=/usr/share/mricron/templates/ch2.nii.gz
slice=$here/tests/data/brain_t1_7coil/brain_t1_7coil.h5
threads=$(nproc)
started=$(date +%s)
# Threads that wait without spinning: on a machine that has other work, training is several times faster so.
export OMP_WAIT_POLICY=PASSIVE

step() { printf '\n== %s\n' "$*"; }
reconproof() { "$bin/reconproof" "$@"; }

rm -rf "$out"
mkdir -p "$out/team/result"
out=$(cd "$out" && pwd)
team=$out/team
data=$team/Data

step "What this machine has"
reconproof doctor || [ $? -eq 6 ]

step "Data: simulated training and validation, a real leaderboard slice at acc4 and acc8"
reconproof data synth --out "$data/train" --anatomy "$anatomy" --volumes 24 --slices 8 --coils 4 --seed 430
reconproof data synth --out "$data/val" --anatomy "$anatomy" --volumes 2 --slices 4 --coils 4 --seed 431 \
  --first-number 101
for acceleration in 4 8; do
  reconproof data import "$slice" --out "$data/leaderboard/acc$acceleration" --acceleration $acceleration \
    --name brain_test1 --peak 8e-4 --masked
done

step "Training the baseline E2E-VarNet"
reconproof train --edition snu-2025 --data-train "$data/train" --data-val "$data/val" --out "$team/result/varnet" \
  --cascades 2 --chans 9 --sens-chans 2 --epochs 2 --seed 430 --threads "$threads" --backend engine --report-interval 32

step "The team's repository and its reconstructions"
mkdir "$team/code"
cat > "$team/code/README.md" <<EOF
# Demo submission
Reconstruct the leaderboard:

    reconproof-baseline reconstruct --edition snu-2025 --weights ../result/varnet/checkpoints/best_model.safetensors \\
      --data ../Data/leaderboard --out ../result/varnet/reconstructions_leaderboard
EOF
cat > "$team/code/reconproof.toml" <<EOF
[project]
name = "demo"
edition = "snu-2025"

[data]
train = "../Data/train"
val = "../Data/val"
leaderboard = "../Data/leaderboard"

[steps.reconstruct]
command = ["reconproof-baseline", "reconstruct", "--edition", "snu-2025",
           "--weights", "../result/varnet/checkpoints/best_model.safetensors",
           "--data", "../Data/leaderboard", "--out", "../result/varnet/reconstructions_leaderboard",
           "--threads", "$threads"]
contract = "whole"
weights = "../result/varnet/checkpoints/best_model.safetensors"
outputs = "../result/varnet/reconstructions_leaderboard"

[steps.reconstruct.env]
OMP_WAIT_POLICY = "PASSIVE"
EOF
(cd "$team/code" && reconproof reconstruct --edition snu-2025 \
  --weights ../result/varnet/checkpoints/best_model.safetensors --data ../Data/leaderboard \
  --out ../result/varnet/reconstructions_leaderboard --threads "$threads")

step "Score, which the team claims"
reconproof score --edition snu-2025 --labels "$data/leaderboard" \
  --recon "$team/result/varnet/reconstructions_leaderboard" > "$out/score.txt"
cat "$out/score.txt"
{
  printf '\n[claims]\n'
  sed -n 's/^  \(total\|acc[48]\) *\([0-9.]*\) *(.*/\1 = "\2"/p' "$out/score.txt"
} >> "$team/code/reconproof.toml"

step "Check: run as an organiser would, judge every rule"
code=0
reconproof check "$team/code" > "$out/check.txt" || code=$?
cat "$out/check.txt"
case $code in 0 | 6) ;; *) echo "demo: the check ended with exit $code" >&2; exit $code ;; esac

step "Bundle and verification"
reconproof pack "$team/code" -o "$out/demo.tar"
reconproof verify "$out/demo.tar"

step "Reproduce: what an organiser does with the bundle"
code=0
reconproof reproduce "$out/demo.tar" --data "$data" || code=$?
case $code in 0 | 6) ;; *) echo "demo: the bundle was not reproduced (exit $code)" >&2; exit $code ;; esac

step "Report"
formats=html,md
if command -v pandoc >/dev/null && command -v rsvg-convert >/dev/null; then formats=$formats,pptx; fi
if command -v chromium >/dev/null; then formats=$formats,pdf; fi
reconproof report "$team/code" --format "$formats" --lang en,ko -o "$out/report" > "$out/reports.txt"
cat "$out/reports.txt"

step "Summary, after $(($(date +%s) - started)) s"
# The check's text has one line a rule: status, rule, sentence.
sed -n 's/^  \(pass\|FAIL\|warning\|inconclusive\|n\/a\|waived\)  *\([a-z0-9.-]*\)  *\(.*\)$/\1|\2|\3/p' "$out/check.txt" |
  awk -F'|' '{ printf "  %-13s %-21s %s\n", $1, $2, $3 }'

# printed PART ITEM: a score of check.json; the file has one key a line.
printed() {
  sed -n "/^  \"$1\": {/,/^  }/p" "$team/code/.reconproof/check/check.json" |
    sed -n "/\"name\": \"$2\"/{n;s/.*: \"\(.*\)\",/\1/p}"
}
printf '\n  SSIM   no network   trained network\n'
for cell in acc4 acc8; do
  before=$(printed zero_filled $cell)
  after=$(printed score $cell)
  printf '  %-6s %-12s %s\n' $cell "$before" "$after"
  if ! awk "BEGIN { exit !($after > $before) }"; then
    echo "demo: the trained network does not beat the zero-filled input at $cell" >&2
    exit 1
  fi
done
printf '\n  bundle  %s\n' "$out/demo.tar"
sed 's/^/  report  /' "$out/reports.txt"
