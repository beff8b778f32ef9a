# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# reconstruct without a network: zero-filled, GRAPPA, CG-SENSE, image_grappa, and each refusal.
. "$(dirname "$0")/lib.sh"
small="--slices 2 --coils 4 --height 64 --width 64 --acs 12"

expect 0 data synth --out data/train $small --volumes 2 --seed 1
expect 0 data synth --out data/val $small --volumes 1 --seed 2
expect 0 data synth --out data/leaderboard --layout leaderboard $small --volumes 1 --seed 3

reconstruct() {
  code=$1
  shift
  expect "$code" reconstruct --edition snu-2025 --threads 1 "$@"
}
for method in zero-filled grappa cg-sense; do
  reconstruct 0 --method $method --data data/leaderboard --out $method
  stdout_has "seconds/slice"
  stdout_has "$method"
  expect 0 score --edition snu-2025 --labels data/leaderboard --recon $method
  reconstruct 0 --method $method --data data/leaderboard --out again --ref $method --max-nmse 0
done
reconstruct 5 --method grappa --data data/leaderboard --out again --ref zero-filled --max-nmse 1e-9
reconstruct 5 --method grappa --kernel 3x2 --data data/leaderboard --out again --ref grappa --max-nmse 1e-9
reconstruct 5 --method grappa --lambda 1 --data data/leaderboard --out again --ref grappa --max-nmse 1e-9
reconstruct 5 --method cg-sense --lambda 1 --data data/leaderboard --out again --ref cg-sense --max-nmse 1e-9
reconstruct 5 --method cg-sense --iterations 1 --data data/leaderboard --out again --ref cg-sense --max-nmse 1e-9
reconstruct 5 --method cg-sense --magnitude --data data/leaderboard --out again --ref cg-sense --max-nmse 1e-9

# Options that would be ignored are refused.
reconstruct 2 --method sense --data data/leaderboard --out none
stderr_has "expected network, zero-filled, grappa or cg-sense"
reconstruct 2 --method grappa --weights w.pt --data data/leaderboard --out none
stderr_has "--weights goes with --method network, not grappa"
reconstruct 2 --method zero-filled --lambda 1 --data data/leaderboard --out none
reconstruct 2 --method cg-sense --kernel 5x4 --data data/leaderboard --out none
reconstruct 2 --method grappa --iterations 3 --data data/leaderboard --out none
reconstruct 2 --data data/leaderboard --out none
stderr_has "'--weights' is required"
reconstruct 2 --method grappa --out none
stderr_has "'--data' is required"
for kernel in 4x4 5 5x 5x1 5x9 17x4 x4 5x4x; do
  reconstruct 2 --method grappa --kernel $kernel --data data/leaderboard --out none
done
reconstruct 2 --method grappa --lambda -1 --data data/leaderboard --out none
reconstruct 2 --method cg-sense --iterations 0 --data data/leaderboard --out none
printf 'no array' >maps.npy
reconstruct 3 --method cg-sense --maps maps.npy --data data/leaderboard --out none
stderr_has "maps.npy"
expect 0 data synth --out thin --layout leaderboard --slices 1 --coils 4 --height 64 --width 64 --acs 2 --volumes 1
reconstruct 3 --method grappa --data thin --out none
stderr_has "acc4/kspace/brain_test1.h5: slice 0: GRAPPA: the ACS"
stderr_has "has 2 columns, 5 are enough"
reconstruct 3 --method cg-sense --data thin --out none
stderr_has "found 2"
[ ! -e none ] || [ -z "$(find none -type f)" ] || fail "something was written"

# image_grappa: everywhere, the rest of each file kept.
before=$(find data -path '*image*' -name '*.h5' | wc -l)
reconstruct 0 --method grappa --into-image data
stdout_has "10 "
[ "$(find data -path '*image*' -type f | wc -l)" -eq "$before" ] || fail "files came or went"
for file in $(find data -path '*image*' -name '*.h5'); do
  grep -q image_grappa "$file" || fail "no image_grappa in $file"
done
expect 0 score --edition snu-2025 --labels data/leaderboard --recon grappa
sha256sum $(find data -path '*image*' -name '*.h5') >sums
reconstruct 2 --method grappa --into-image data
stderr_has "has 'image_grappa' already; --force replaces it"
sha256sum -c sums >/dev/null || fail "a refused run changed a file"
reconstruct 0 --method grappa --into-image data/train --force
reconstruct 3 --method grappa --into-image nowhere
reconstruct 2 --method cg-sense --into-image data
reconstruct 2 --method grappa --into-image data --out none
rm data/val/image/*.h5
reconstruct 3 --method grappa --into-image data --force
stderr_has "val/image/"
