# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The official E2E-VarNet code beside ours: sh varnet.sh PROGRAM TEST-DATA. The environment names SNU, a folder with
# a checkout of LISTatSNU/FastMRI_challenge for each branch, and PYTHON with torch (of our LibTorch's generation), h5py, skimage.
if [ -z "${SNU:-}" ]; then
  echo "skipped: SNU=DIR names no checkouts of the official repository (DIR/2025_baby_varnet)"
  exit 77
fi
snu=$SNU
python=${PYTHON:-/usr/bin/python3}
official=$(cd "$(dirname "$0")" && pwd)
. "$official/../cli/lib.sh"
export OMP_NUM_THREADS=1
sizes="--cascades 2 --chans 4 --sens-chans 2"
official_sizes="--cascade 2 --chans 4 --sens_chans 2"

# The official scripts write beside their own folder: to $work/result.
cp -r "$snu/2025_baby_varnet" code
mkdir leaderboard
cp -r "$data/varnet/leaderboard/acc4" leaderboard/acc4
cp -r "$data/varnet/leaderboard/acc4" leaderboard/acc8
official_run() {
  (cd code && "$python" "$official/on_cpu.py" "$@") >"$work/stdout" 2>"$work/stderr" || fail "official $*"
}
official_reconstruct() {
  official_run reconstruct.py -n "$1" -p "$work/leaderboard" $official_sizes
}
our_reconstruct() {
  expect 0 reconstruct --edition snu-2025 --weights "$1" --data leaderboard --out "$2" --threads 1
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

echo "== one epoch by the official trainer and by ours"
VISITS=$work/visits official_run train.py -n theirs -e 1 -r 1 -t "$data/varnet/train" -v "$data/varnet/val" $official_sizes
cp stdout official_log
expect 0 train --data-train "$data/varnet/train" --data-val "$data/varnet/val" --out ours $sizes --epochs 1 --threads 1
compare training ours/ledger.jsonl official_log visits
sed 's/"slice":1/"slice":0/' ours/ledger.jsonl >other_order
compare_differs training other_order official_log visits
sed 's/"loss":0.04/"loss":0.05/' ours/ledger.jsonl >other_losses
compare_differs training other_losses official_log visits

echo "== the official best_model.pt, converted, reconstructed by us"
official_reconstruct theirs
expect 0 convert result/theirs/checkpoints/best_model.pt theirs.safetensors
stdout_has "varnet, cascades 2, chans 4, pools 4, sens_chans 2"
our_reconstruct theirs.safetensors theirs
compare images theirs result/theirs/reconstructions_leaderboard 5e-6

echo "== our checkpoint, converted, reconstructed by the official code"
mkdir -p result/ours/checkpoints
expect 0 convert ours/checkpoints/best_model.safetensors result/ours/checkpoints/best_model.pt
official_reconstruct ours
our_reconstruct ours/checkpoints/best_model.safetensors images
compare images images result/ours/reconstructions_leaderboard 5e-6
compare_differs images images result/theirs/reconstructions_leaderboard 5e-6
