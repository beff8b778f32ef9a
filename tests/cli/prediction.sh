# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# What check predicts for the official GPU, with a program that stands for the baseline beside a copy of the harness.
. "$(dirname "$0")/lib.sh"
mkdir bin
cp "$program" "$(dirname "$program")/reconproof-launcher" bin/
program=$work/bin/reconproof

# baseline LINE: a baseline that prints it.
baseline() {
  printf '#!/bin/sh\n[ "$1" = pace ] || exit 2\necho %s\n' "'$1'" >bin/reconproof-baseline
  chmod +x bin/reconproof-baseline
}
check() { expect 6 check "$work/team/code" --only time. "$@"; }

team ok
check
stdout_has "s is mostly its start"

sed -i 's|^command = .*|command = ["sh", "-c", "sleep 5; ./fake_submission ../Data/leaderboard ../result/recon ok"]|' \
  team/code/reconproof.toml
check
stdout_has "inconclusive  time.official-gpu"
stdout_has "not predicted: the baseline is not beside the harness ($work/bin/reconproof-baseline)"

# Ten times slower than the official GPU.
baseline '{"device": "cpu", "ms_per_slice": 877}'
check --json
stdout_has '"baseline_ms_per_slice_here": 877'
stdout_has '"baseline_ms_per_slice_there": 87.7'
stdout_has '"device": "NVIDIA GeForce GTX 1080"'
stdout_has '"unpredicted_reason": ""'
stdout_has "not measured; predicted 0.5"
stdout_has "on NVIDIA GeForce GTX 1080, from the baseline's 87.7 ms a slice there (uncertain) and 877 here"
stdout_has '"status": "inconclusive"'

baseline 'nothing'
check
stdout_has "not predicted: the baseline could not be timed here: it printed no ms_per_slice"

# Whoever does not ask for the rule does not wait for the baseline.
expect 6 check "$work/team/code" --only time.total --json
stdout_has '"prediction": null'
stdout_has '"unpredicted_reason": "no prediction was asked for"'
