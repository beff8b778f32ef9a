# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# CG-SENSE beside BART's `pics` on a real slice, with the same sensitivities (`ecalib`) and the same l2 weight:
# the images agree, and no score is more than 0.01 below.
#   sh bart.sh REFERENCE-PROGRAM TEST-DATA
# Needs Debian's bart, python3-numpy and python3-h5py; without them it is skipped (77), or fails with
# RECONPROOF_REQUIRE_BART=1.
set -eu
program=$1
data=$2
lambda=0.02
python=/usr/bin/python3  # Debian's, which has Debian's numpy and h5py
lacking() {
  echo "skipped: no $1 (Debian package $2)" >&2
  [ "${RECONPROOF_REQUIRE_BART:-0}" = 1 ] && exit 1
  exit 77
}
command -v bart >/dev/null || lacking bart bart
"$python" -c 'import numpy' 2>/dev/null || lacking "numpy for $python" python3-numpy
"$python" -c 'import h5py' 2>/dev/null || lacking "h5py for $python" python3-h5py
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# BART's arrays: a header with the dimensions, and complex64 in column-major order. Its transform is centred and
# orthonormal as ours is; (coils, H, W) lies there as (H, W, 1, coils).
cat >convert.py <<'EOP'
import sys
import h5py
import numpy as np


def read_cfl(name):
    with open(name + ".hdr") as header:
        shape = [int(size) for size in header.read().split("\n")[1].split()]
    return np.fromfile(name + ".cfl", np.complex64).reshape(shape, order="F").squeeze()


def to_bart(volume, name):
    with h5py.File(volume) as file:
        kspace = file["kspace"][0] * file["mask"][:]
    array = kspace.transpose(1, 2, 0)[:, :, None, :].astype(np.complex64)
    with open(name + ".hdr", "w") as header:
        header.write("# Dimensions\n" + " ".join(map(str, array.shape)) + "\n")
    array.ravel(order="F").tofile(name + ".cfl")


def maps_to_npy(name, path):
    np.save(path, np.ascontiguousarray(read_cfl(name).transpose(2, 0, 1)))


def image_to_h5(name, path):
    image = np.abs(read_cfl(name))
    margins = [((384 - size) // 2, 384 - size - (384 - size) // 2) for size in image.shape]
    with h5py.File(path, "w") as file:
        file["reconstruction"] = np.pad(image, margins)[None].astype(np.float32)


globals()[sys.argv[1]](*sys.argv[2:])
EOP

recon="$program reconstruct --edition snu-2025 --data data --threads 1"
for acceleration in 4 8; do
  cell=acc$acceleration
  "$program" data import "$data/brain_t1_7coil/brain_t1_7coil.h5" --out data/$cell --acceleration $acceleration \
    --acs 18 --name brain_test1 --peak 8e-4 --masked >/dev/null
  mkdir -p bart/$cell
  "$python" convert.py to_bart data/$cell/kspace/brain_test1.h5 kspace
  # The ACS is the same in both cells, hence the sensitivities.
  [ -f maps.npy ] || {
    bart ecalib -m1 -r18 kspace maps >/dev/null
    "$python" convert.py maps_to_npy maps maps.npy
  }
  # -S: in the units of the data, not of pics' own scaling.
  bart pics -S -l2 -r$lambda -i30 kspace maps image >/dev/null
  "$python" convert.py image_to_h5 image bart/$cell/brain_test1.h5
done
$recon --method zero-filled --out zero >/dev/null
# The images are BART's, not only as good: |x| itself, to a millionth of its energy.
$recon --method cg-sense --maps maps.npy --lambda $lambda --iterations 30 --magnitude --out ours --ref bart \
  --max-nmse 1e-6
$recon --method cg-sense --out own_maps >/dev/null

# score_of FOLDER CELL
score_of() {
  "$program" score --edition snu-2025 --labels data --recon "$1" --json >score.json || [ $? -le 1 ]
  "$python" -c 'import json; print(next(i["value"] for i in json.load(open("score.json"))["items"] if i["name"] == "'"$2"'"))'
}
for cell in acc4 acc8; do
  zero=$(score_of zero $cell)
  bart=$(score_of bart $cell)
  ours=$(score_of ours $cell)
  own=$(score_of own_maps $cell)
  printf '%s  zero-filled %.4f  bart pics %.4f  cg-sense, same maps %.4f  cg-sense as it comes %.4f\n' \
    $cell "$zero" "$bart" "$ours" "$own"
  for score in "$ours" "$own"; do
    awk "BEGIN { exit !($score > $zero && $score >= $bart - 0.01) }" || {
      echo "FAILED: $cell: $score is not above zero-filled, or more than 0.01 below BART" >&2
      exit 1
    }
  done
done
