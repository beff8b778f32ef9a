# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The official repository of 2025, unmodified: its training and its reconstruction probed at the largest slices, and a plan
# back from a deadline by the log of a training of one epoch.
branch=2025_baby_varnet
edition=snu-2025
. "$(dirname "$0")/lib.sh"
mkdir -p team/result/net/checkpoints
cp -r "$SNU/$branch" team/code
cp "$data/varnet/best_model-torch1.13.pt" team/result/net/checkpoints/best_model.pt
cp -r "$data/varnet" Data
cat >team/code/reconproof.toml <<END
[project]
name = "team"
edition = "snu-2025"
[data]
leaderboard = "$work/Data/leaderboard"
[steps.reconstruct]
command = ["$python", "reconstruct.py", "-p", "$work/Data/leaderboard", "-n", "net", "--cascade", "2", "--chans", "4", "--sens_chans", "2"]
weights = "../result/net/checkpoints/best_model.pt"
outputs = "../result/net/reconstructions_leaderboard"
END
sizes="--cascade 2 --chans 4 --sens_chans 2"

echo "== a probe"
cd team/code
expect 6 plan --probe --edition $edition --data "$work/Data/train" --updates 3 -- \
  "$python" train.py -b 1 -e 1 -r 1 -n probe -t '{data}' -v '{data}' $sizes
stdout_has "Training: 3 updates"
stdout_has "s an update (measured, the first left out)"
stdout_has "an epoch: "
stdout_has "Reconstruction: "
cat "$work/stdout"
[ -z "$(find ../result -name 'model.pt')" ] || fail "the probe's training wrote a checkpoint"
cd "$work"

echo "== backwards from a deadline"
official_run train.py -n log -e 1 -r 1 -t "$work/Data/train" -v "$work/Data/val" $sizes
cp stdout train.log
expect 0 plan --log train.log --deadline 2026-08-20T18:00+09:00 --now 2026-08-19T18:00+09:00 --edition $edition --epochs 2
stdout_has "median of 1 epochs of train.log, with validation"
cat "$work/stdout"
