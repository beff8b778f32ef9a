# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# pack and verify, from a checked team repository to a damaged bundle.
. "$(dirname "$0")/lib.sh"
team ok
expect 3 pack "$work/team/code" -o bundle.tar
stderr_has "no such folder of reconstructions; run the reconstruct step first"
expect 6 check "$work/team/code"
cp -r "$work/team/code/.reconproof/check/recon" "$work/team/result/recon"
mv "$work/team/code/.reconproof/check" "$work/evidence"
expect 3 pack "$work/team/code" -o bundle.tar
stderr_has "reconproof check"
[ ! -e bundle.tar ] || fail "a bundle was left behind"
mv "$work/evidence" "$work/team/code/.reconproof/check"
for target in ../code/reconproof.toml ../result/weights.pt ../result/recon/x.tar; do
  expect 2 pack "$work/team/code" -o "$work/team/code/$target"
done
for target in .reconproof/report ../result/recon/x.tar; do
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
# Some parts alone, on some threads; the answer names them.
expect 0 verify bundle.tar --only weights,recon --threads 1
stdout_has "verified in part: of data/ only recon, weights was read"
expect 0 verify bundle.tar --only weights --json
stdout_has '"partial": ['
for wrong in "" weight weights, "weights code"; do expect 2 verify bundle.tar --only "$wrong"; done
stderr_has "expected some of attachments, code, logs, recon, weights"
stderr_is_one_line
expect 2 verify bundle.tar --threads -1

# Extraction: the bag, whole and right, or nothing.
expect 0 extract bundle.tar --to extracted
stdout_has "extracted to extracted"
mkdir stock && tar -xf bundle.tar -C stock
diff -r stock/fake extracted || fail "not what GNU tar extracts"
[ -x extracted/data/code/fake_submission ] || fail "the command is not executable"
expect 0 verify extracted
expect 2 extract bundle.tar --to extracted
stderr_has "something stands there already"
stderr_is_one_line
expect 0 extract bundle.tar --only weights,logs --json
stdout_has '"partial": ['
[ -f bundle/data/weights/weights.pt ] && [ ! -e bundle/data/recon ] || fail "not the parts that were asked for"
expect 2 extract bundle.tar --to none --only everything
expect 3 extract bundle.tar --to none --max-bytes 1000
stdout_has "larger than a bundle may be"
expect 3 extract nowhere.tar --to none
expect 3 extract extracted --to none
stderr_has "is a folder"
# The same bag by another tar program, and one with a changed byte in it.
tar -cf repacked.tar -C stock fake
expect 0 extract repacked.tar --to repacked
diff -r extracted repacked || fail "another bag"
printf y | dd of=stock/fake/data/weights/weights.pt conv=notrunc 2>/dev/null
tar -cf damaged.tar -C stock fake
expect 4 verify damaged.tar --only weights
expect 4 verify damaged.tar
expect 4 extract damaged.tar --to none
stdout_has "data/weights/weights.pt: was changed"
expect 0 extract damaged.tar --to recon-alone --only recon
ln -s /etc/passwd stock/fake/data/code/link
tar -cf link.tar -C stock fake
expect 3 extract link.tar --to none
stdout_has "symbolic link"
[ -z "$(ls -A | grep -e none -e partial)" ] || fail "something was left behind: $(ls -A)"

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
