# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts of this folder: sh SCRIPT PROGRAM TEST-DATA, with branch=NAME and edition=ID set. The environment
# names SNU, a folder with a checkout of LISTatSNU/FastMRI_challenge for each branch, and PYTHON with torch (of the LibTorch
# generation that is built), h5py, skimage and tqdm.
if [ -z "${SNU:-}" ]; then
  echo "skipped: SNU=DIR names no checkouts of the official repository (DIR/$branch)"
  exit 77
fi
python=${PYTHON:-/usr/bin/python3}
official=$(cd "$(dirname "$0")" && pwd)
set -- "$1" "$2" none
. "$official/../cli/lib.sh"
export OMP_NUM_THREADS=1
tolerances=1e-6,1e-5,1e-4,3e-3  # of the losses

# The official scripts write beside their own folder: to $work/result.
cp -r "$SNU/$branch" code
official_run() {
  (cd code && "$python" "$official/on_cpu.py" "$@") >"$work/stdout" 2>"$work/stderr" || fail "official $*"
}
our_reconstruct() {
  expect 0 reconstruct --edition "$edition" --weights "$1" --data leaderboard --out "$2" --threads 1
}
compare() {
  script=$1
  shift
  "$python" "$official/compare_$script.py" "$@" || fail "$script: official and ours differ"
}
# The comparisons must be able to fail.
compare_differs() {
  script=$1
  shift
  ! "$python" "$official/compare_$script.py" "$@" >/dev/null 2>&1 || fail "$script: a difference was not seen"
}

# train_both FOLDER OFFICIAL-OPTIONS OUR-OPTIONS: one epoch on train/ and val/ by the official trainer (result/theirs) and by
# ours (ours). FOLDER: what of train/ and val/ the official one is given, "" or /image.
train_both() {
  echo "== one epoch by the official trainer and by ours"
  VISITS=$work/visits official_run train.py -n theirs -e 1 -r 1 -t "$work/train$1" -v "$work/val$1" $2
  cp stdout official_log
  expect 0 train --edition "$edition" --data-train train --data-val val --out ours $3 --epochs 1 --threads 1
  compare training ours/ledger.jsonl official_log visits $tolerances
  sed 's/brain_acc/knee_acc/g' ours/ledger.jsonl >other_order
  compare_differs training other_order official_log visits $tolerances
  sed 's/"loss":0\.[0-9]/"loss":0.9/' ours/ledger.jsonl >other_losses
  compare_differs training other_losses official_log visits $tolerances
}

# exchange_checkpoints OFFICIAL-OPTIONS: each side's checkpoint, converted, reconstructs the same by both.
exchange_checkpoints() {
  echo "== the official best_model.pt, converted, reconstructed by us"
  official_run reconstruct.py -n theirs -p "$work/leaderboard" $1
  expect 0 convert result/theirs/checkpoints/best_model.pt theirs.safetensors
  our_reconstruct theirs.safetensors theirs
  compare images theirs result/theirs/reconstructions_leaderboard 5e-6
  our_reconstruct result/theirs/checkpoints/best_model.pt unconverted
  diff -r theirs unconverted || fail "the .pt itself gives other images"

  echo "== our checkpoint, converted, reconstructed by the official code"
  mkdir -p result/ours/checkpoints
  expect 0 convert ours/checkpoints/best_model.safetensors result/ours/checkpoints/best_model.pt
  official_run reconstruct.py -n ours -p "$work/leaderboard" $1
  our_reconstruct ours/checkpoints/best_model.safetensors images
  compare images images result/ours/reconstructions_leaderboard 5e-6
  "$python" "$official/compare_images.py" --spoil images
  compare_differs images images result/ours/reconstructions_leaderboard 5e-6
}
