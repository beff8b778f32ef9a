# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# pack and verify, from a checked team repository to a damaged bundle.
. "$(dirname "$0")/lib.sh"
team ok
expect 3 pack "$work/team/code" -o bundle.tar
stderr_has "no such folder of reconstructions; run the reconstruct step first"
expect 6 check "$work/team/code"
cp -r "$work/team/code/.reconproof/check/recon" "$work/team/result/recon"
mv "$work/team/code/.reconproof" "$work/evidence"
expect 3 pack "$work/team/code" -o bundle.tar
stderr_has "reconproof check"
[ ! -e bundle.tar ] || fail "a bundle was left behind"
mv "$work/evidence" "$work/team/code/.reconproof"
for target in ../code/reconproof.toml ../result/weights.pt ../result/recon/x.tar; do
  expect 2 pack "$work/team/code" -o "$work/team/code/$target"
  expect 2 report "$work/team/code" -o "$work/team/code/$target"
done
expect 2 pack "$work/team/code" -o "$work"
expect 0 pack "$work/team/code" -o bundle.tar
(umask 077; TZ=Asia/Seoul LC_ALL=C expect 0 pack "$work/team/code" -o again.tar)
cmp bundle.tar again.tar || fail "packing twice gave different bytes"

cp bundle.tar "$4"
expect 0 verify bundle.tar
expect 0 verify bundle.tar --json
stdout_has '"schema": "reconproof.verify"'
mkdir out && tar -xf bundle.tar -C out
expect 0 verify out/fake
printf x >>out/fake/data/weights/weights.pt
expect 4 verify out/fake
stdout_has "data/weights/weights.pt"
rm out/fake/data/weights/weights.pt
expect 4 verify out/fake
stdout_has "data/weights/weights.pt"
expect 6 check "$work/team/code" # judges the hand-in too
expect 0 pack "$work/team/code" -o bundle.tar
# Other reconstructions than those that were judged are not packed.
printf x >>"$work/team/result/recon/acc4/brain_test1.h5"
expect 4 pack "$work/team/code" -o other.tar
stderr_has "run it again"
[ ! -e other.tar ] || fail "a bundle was left behind"
truncate -s 2000 again.tar
expect 3 verify again.tar
expect 3 verify nowhere.tar
stderr_is_one_line

expect 0 report "$work/team/code" -o report.html
grep -q '</html>' report.html || fail "the report is incomplete"
