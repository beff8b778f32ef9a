# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# `reconproof check` on unmodified official repositories with official checkpoints, as a team would hand them in, k-space and
# image domain: 2025, 29 brain and 29 knee names for each acceleration; 2026, slice by slice, with boxes.
branch=2025_baby_varnet
. "$(dirname "$0")/lib.sh"
sandboxed || fail "this machine refuses the sandbox: nothing to see here"

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

# submission BRANCH NET WEIGHTS INPUTS OPTIONS: the official reconstruct.py and leaderboard_eval.py, run by hand, then checked.
submission() {
  echo "== $1"
  team=$work/$1
  mkdir -p "$team/result/$2/checkpoints" "$team/Data"
  cp -r "$SNU/$1" "$team/code"
  cp "$3" "$team/result/$2/checkpoints/best_model.pt"
  cp -r "$data/varnet/train" "$data/varnet/val" "$team/Data"
  leaderboard "$team/Data/leaderboard"
  (cd "$team/code" && "$python" "$official/on_cpu.py" reconstruct.py -n "$2" -p ../Data/leaderboard $5) >/dev/null ||
    fail "official reconstruct.py"
  (cd "$team/code" && "$python" "$official/on_cpu.py" leaderboard_eval.py -lp ../Data/leaderboard \
    -yp "../result/$2/reconstructions_leaderboard") >"$team/printed" || fail "official leaderboard_eval.py"
  score() { sed -n "s/^Leaderboard SSIM$1 *: *//p" "$team/printed"; }
  words=$(for word in "$python" reconstruct.py -n "$2" -p ../Data/leaderboard $5; do printf '"%s", ' "$word"; done)
  cat >"$team/code/reconproof.toml" <<END
[project]
name = "$1"
edition = "snu-2025"
[data]
train = "../Data/train"
val = "../Data/val"
leaderboard = "../Data/leaderboard"
[steps.reconstruct]
command = [${words%, }]
inputs = [$4]
weights = "../result/$2/checkpoints/best_model.pt"
outputs = "../result/$2/reconstructions_leaderboard"
[steps.reconstruct.env]
OMP_NUM_THREADS = "1"
[claims]
total = "$(score '')"
acc4 = "$(score ' (acc4)')"
acc8 = "$(score ' (acc8)')"
END
  expect 6 check "$team/code"
  for rule in layout.volumes layout.shape layout.float32 values.finite run.completes time.total isolation.network \
    isolation.labels repeat.equal repeat.threads inputs.names inputs.folders inputs.labels outputs.as-handed-in score.claimed data.overlap; do
    stdout_has "$(printf 'pass          %s' "$rule")"
  done
  ! grep '^  inconclusive' stdout | grep -v 'time.official-gpu\|memory.gpu' || fail "more is open than what needs a GPU"
  expect 0 score --edition snu-2025 --labels "$team/Data/leaderboard" --recon "$team/result/$2/reconstructions_leaderboard" \
    --official-print
  cmp stdout "$team/printed" || fail "another score than the official script's"
  cat "$team/printed"
}

# boxed_leaderboard FOLDER: the golden volumes under three names of 2026, with boxes.
boxed_leaderboard() {
  "$python" - "$1" "$data/varnet/leaderboard" <<'END'
import json, pathlib, shutil, sys
import h5py
to, golden = map(pathlib.Path, sys.argv[1:])
for cell in ("acc4", "acc8"):
    for number in (1, 2, 3):
        for kind in ("kspace", "image"):
            target = to / cell / kind / f"knee_test{number}.h5"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(golden / cell / kind / "brain_test1.h5", target)
        with h5py.File(target, "r+") as file:
            slices = file["image_label"].shape[0]
            boxes = {str(s): [{"x": 150 + 9 * s, "y": 170 - number, "width": 40 + s, "height": 31}] for s in range(0, slices, 2)}
            file.attrs["annotations"] = json.dumps(boxes)
END
}

# slices BRANCH NET WEIGHTS INPUTS OPTIONS: the official recon_eval.py, run by hand, then checked slice by slice.
slices() {
  echo "== $1, slice by slice"
  team=$work/$1
  mkdir -p "$team/result/$2/checkpoints" "$team/Data"
  cp -r "$SNU/$1" "$team/code"
  cp "$3" "$team/result/$2/checkpoints/best_model.pt"
  cp -r "$data/varnet/train" "$data/varnet/val" "$team/Data"
  boxed_leaderboard "$team/Data/leaderboard"
  (cd "$team/code" && "$python" "$official/on_cpu.py" recon_eval.py -n "$2" -p ../Data/leaderboard $5) >"$team/printed" ||
    fail "official recon_eval.py"
  words=$(for word in "$python" recon_eval.py -n "$2" -p ../Data/leaderboard $5; do printf '"%s", ' "$word"; done)
  item() { sed -n "s/.*$1 *: *\([-0-9.]*\).*/\1/p" "$team/printed" | head -1; }
  cat >"$team/code/reconproof.toml" <<END
[project]
name = "$1"
edition = "snu-2026"
[data]
train = "../Data/train"
val = "../Data/val"
leaderboard = "../Data/leaderboard"
[steps.reconstruct]
command = [${words%, }]
contract = "slice"
inputs = [$4]
weights = "../result/$2/checkpoints/best_model.pt"
outputs = "../result/$2/reconstructions_leaderboard"
[steps.reconstruct.env]
OMP_NUM_THREADS = "1"
[claims]
ssim_full = "$(item 'Leaderboard SSIM_full')"
ssim_bbox = "$(item 'Leaderboard SSIM_bbox')"
ssim_full_acc4 = "$(item 'SSIM_full (acc4)')"
ssim_full_acc8 = "$(item 'SSIM_full (acc8)')"
ssim_bbox_acc4 = "$(item 'SSIM_bbox (acc4)')"
ssim_bbox_acc8 = "$(item 'SSIM_bbox (acc8)')"
END
  expect 6 check "$team/code"
  for rule in layout.volumes layout.shape layout.float32 values.finite run.completes time.slow-volume time.in-clock \
    time.prep-volume isolation.network isolation.labels repeat.equal inputs.names inputs.folders inputs.order \
    outputs.as-handed-in score.claimed data.overlap; do
    stdout_has "$(printf 'pass          %s' "$rule")"
  done
  ! grep '^  inconclusive' stdout | grep -v 'time.slice\|memory.gpu' || fail "more is open than what needs a GPU"
  grep 'time.slice\|time.in-clock\|time.prep' stdout
  cat "$team/printed"
}

submission 2025_baby_varnet test_Varnet "$data/varnet/best_model-torch1.13.pt" '"kspace"' \
  "--cascade 2 --chans 4 --sens_chans 2"
submission 2025_baby_unet test_Unet "$data/torch/unet-torch1.13.pt" '"image"' ""
slices 2026_baby_varnet_phase2 test_Varnet "$data/varnet/best_model-torch1.13.pt" '"kspace"' \
  "--cascade 2 --chans 4 --sens_chans 2"
slices 2026_baby_unet_phase2 test_Unet "$data/torch/unet-torch1.13.pt" '"image"' ""
