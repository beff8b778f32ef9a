# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# A bundle from the unmodified official 2025 repository is reproduced bit for bit; with an edited claim, an exchanged
# reconstruction or exchanged weights it is not, and which of the three comparisons failed is named.
branch=2025_baby_varnet
. "$(dirname "$0")/lib.sh"
. "$official/repository.sh"
sandboxed || fail "this machine refuses the sandbox: nothing to see here"
net=test_Varnet
options="--cascade 2 --chans 4 --sens_chans 2"

repository $branch $net "$data/varnet/best_model-torch1.13.pt"
leaderboard "$team/Data/leaderboard"
by_hand reconstruct.py -n $net -p ../Data/leaderboard $options >/dev/null
by_hand leaderboard_eval.py -lp ../Data/leaderboard -yp ../result/$net/reconstructions_leaderboard >printed
project $branch snu-2025 $net 'inputs = ["kspace"]' "$python" reconstruct.py -n $net -p ../Data/leaderboard $options
printf '[claims]\n' >>"$team/code/reconproof.toml"
for item in total acc4 acc8; do
  title=$([ $item = total ] || echo " ($item)")
  printf '%s = "%s"\n' $item "$(sed -n "s/^Leaderboard SSIM$title *: *//p" printed)" >>"$team/code/reconproof.toml"
done
expect 6 check "$team/code" --only run.,layout.,values.,score.,outputs.
expect 0 pack "$team/code" -o bundle.tar

# reproduce CODE TEXT...: of bundle.tar
reproduce() {
  expect "$1" reproduce bundle.tar --data "$team/Data"
  shift
  for text in "$@"; do stdout_has "$text"; done
  sed -n '/^  score /,$p' stdout
}
echo "== as it was packed"
reproduce 0 "re-executed against bundled      bitwise" "all 3 claimed items are the same to the printed digit" \
  "REPRODUCED, bitwise"

# forge COMMAND...: run in the bundle's folder, which is packed again with manifests that fit.
cp bundle.tar good.tar
forge() {
  echo "== $1"
  shift
  rm -rf forged
  mkdir forged
  tar -xf good.tar -C forged
  (cd forged/$branch && "$@")
  "$python" "$official/../cli/forge_bundle.py" forged/$branch bundle.tar
  expect 0 verify bundle.tar
}
forge "an edited claim" sed -i 's/"acc4": "0\.[0-9]*"/"acc4": "0.9999"/' meta/claims.json
reproduce 5 "NOT REPRODUCED: recomputed against claimed, re-executed against claimed. This points at the claim"
forge "an exchanged reconstruction" "$python" -c '
import h5py
with h5py.File("data/recon/acc4/brain_test3.h5", "r+") as file:
    file["reconstruction"][...] = 0.5 * file["reconstruction"][...]'
reproduce 5 "NOT REPRODUCED: recomputed against claimed, re-executed against bundled. This points at the bundled recons"
forge "exchanged weights" "$python" -c '
import torch
checkpoint = torch.load("data/weights/best_model.pt", map_location="cpu")
for name, tensor in checkpoint["model"].items():
    if tensor.is_floating_point():
        tensor.mul_(1.1)
torch.save(checkpoint, "data/weights/best_model.pt")'
reproduce 5 "NOT REPRODUCED: re-executed against bundled, re-executed against claimed. This points at weights or code"
