# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Sourced behind lib.sh: an unmodified official repository with a checkpoint, as a team would hand it in.

# leaderboard FOLDER: 58 names for the golden volume of each acceleration, with labels.
leaderboard() {
  for cell in acc4 acc8; do
    for kind in kspace image; do
      mkdir -p "$1/$cell/$kind"
      for anatomy in brain knee; do
        for number in $(seq 29); do
          ln "$data/varnet/leaderboard/$cell/$kind/brain_test1.h5" "$1/$cell/$kind/${anatomy}_test$number.h5" 2>/dev/null ||
            cp "$data/varnet/leaderboard/$cell/$kind/brain_test1.h5" "$1/$cell/$kind/${anatomy}_test$number.h5"
        done
      done
    done
  done
}

# repository BRANCH NET WEIGHTS: an unmodified checkout with weights and training data, in $team.
repository() {
  team=$work/$1
  mkdir -p "$team/result/$2/checkpoints" "$team/Data"
  cp -r "$SNU/$1" "$team/code"
  cp "$3" "$team/result/$2/checkpoints/best_model.pt"
  cp -r "$data/varnet/train" "$data/varnet/val" "$team/Data"
}
# by_hand SCRIPT ARGUMENT...: an official script, run in it.
by_hand() { (cd "$team/code" && "$python" "$official/on_cpu.py" "$@") || fail "official $1"; }

# project BRANCH EDITION NET STEP COMMAND...: its reconproof.toml but for the claims; STEP: further lines of the step.
project() {
  branch_name=$1 edition_id=$2 net=$3 step=$4
  shift 4
  words=$(for word in "$@"; do printf '"%s", ' "$word"; done)
  cat >"$team/code/reconproof.toml" <<END
[project]
name = "$branch_name"
edition = "$edition_id"
[data]
train = "../Data/train"
val = "../Data/val"
leaderboard = "../Data/leaderboard"
[steps.reconstruct]
command = [${words%, }]
$step
weights = "../result/$net/checkpoints/best_model.pt"
outputs = "../result/$net/reconstructions_leaderboard"
[steps.reconstruct.env]
OMP_NUM_THREADS = "1"
END
}
