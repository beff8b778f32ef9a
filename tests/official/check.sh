# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# `reconproof check` on unmodified official repositories with official checkpoints, as a team would hand them in, k-space and
# image domain: 2025, 29 brain and 29 knee names for each acceleration; 2026, slice by slice, with boxes.
branch=2025_baby_varnet
. "$(dirname "$0")/lib.sh"
. "$official/repository.sh"
sandboxed || fail "this machine refuses the sandbox: nothing to see here"

# only_open PATTERN RULE...: the check ends in 6; these rules pass, and open is what PATTERN says alone.
only_open() {
  open=$1
  shift
  expect 6 check "$team/code"
  for rule in layout.volumes layout.shape layout.float32 values.finite run.completes isolation.network isolation.labels \
    isolation.writes repeat.equal repeat.threads inputs.names inputs.folders inputs.labels outputs.as-handed-in score.claimed \
    data.overlap "$@"; do
    stdout_has "$(printf 'pass          %s' "$rule")"
  done
  ! grep '^  inconclusive' stdout | grep -v "$open" || fail "more is open than what needs a GPU"
}

# submission BRANCH NET WEIGHTS INPUTS OPTIONS: the official reconstruct.py and leaderboard_eval.py, run by hand, then checked.
submission() {
  echo "== $1"
  repository "$1" "$2" "$3"
  leaderboard "$team/Data/leaderboard"
  by_hand reconstruct.py -n "$2" -p ../Data/leaderboard $5 >/dev/null
  by_hand leaderboard_eval.py -lp ../Data/leaderboard -yp "../result/$2/reconstructions_leaderboard" >"$team/printed"
  score() { sed -n "s/^Leaderboard SSIM$1 *: *//p" "$team/printed"; }
  project "$1" snu-2025 "$2" "inputs = [$4]" "$python" reconstruct.py -n "$2" -p ../Data/leaderboard $5
  cat >>"$team/code/reconproof.toml" <<END
[claims]
total = "$(score '')"
acc4 = "$(score ' (acc4)')"
acc8 = "$(score ' (acc8)')"
END
  only_open 'time.official-gpu\|memory.gpu\|training\.' time.total
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
  repository "$1" "$2" "$3"
  boxed_leaderboard "$team/Data/leaderboard"
  by_hand recon_eval.py -n "$2" -p ../Data/leaderboard $5 >"$team/printed"
  item() { sed -n "s/.*$1 *: *\([-0-9.]*\).*/\1/p" "$team/printed" | head -1; }
  project "$1" snu-2026 "$2" "contract = \"slice\"
inputs = [$4]" "$python" recon_eval.py -n "$2" -p ../Data/leaderboard $5
  cat >>"$team/code/reconproof.toml" <<END
[claims]
ssim_full = "$(item 'Leaderboard SSIM_full')"
ssim_bbox = "$(item 'Leaderboard SSIM_bbox')"
ssim_full_acc4 = "$(item 'SSIM_full (acc4)')"
ssim_full_acc8 = "$(item 'SSIM_full (acc8)')"
ssim_bbox_acc4 = "$(item 'SSIM_bbox (acc4)')"
ssim_bbox_acc8 = "$(item 'SSIM_bbox (acc8)')"
END
  only_open 'time.slice\|memory.gpu\|training\.' time.slow-volume time.in-clock time.prep-volume inputs.order
  grep 'time.slice\|time.in-clock\|time.prep' stdout
  cat "$team/printed"
}

submission 2025_baby_varnet test_Varnet "$data/varnet/best_model-torch1.13.pt" '"kspace"' \
  "--cascade 2 --chans 4 --sens_chans 2"
submission 2025_baby_unet test_Unet "$data/torch/unet-torch1.13.pt" '"image"' ""
slices 2026_baby_varnet_phase2 test_Varnet "$data/varnet/best_model-torch1.13.pt" '"kspace"' \
  "--cascade 2 --chans 4 --sens_chans 2"
slices 2026_baby_unet_phase2 test_Unet "$data/torch/unet-torch1.13.pt" '"image"' ""
