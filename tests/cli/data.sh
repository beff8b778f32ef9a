# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# data synth and data import: what they write, and what they refuse.
. "$(dirname "$0")/lib.sh"
small="--slices 1 --coils 4 --height 64 --width 64"

expect 0 data synth --out a $small --volumes 2 --seed 5
expect 0 data synth --out b $small --volumes 2 --seed 5 --json
stdout_has '"schema": "reconproof.data"'
diff -r a b || fail "one seed gave different data"
expect 0 data synth --out c $small --volumes 2 --seed 6
! diff -rq a c >/dev/null || fail "two seeds gave the same data"
[ "$(ls a/kspace)" = "$(printf '%s\n' brain_acc4_1.h5 brain_acc8_2.h5)" ] || fail "unexpected names"
expect 0 data synth --out d $small --volumes 1 --layout leaderboard
[ -f d/acc4/kspace/brain_test1.h5 ] && [ -f d/acc8/image/brain_test1.h5 ] || fail "no leaderboard layout"

# Nothing is overwritten unless asked for.
before=$(sha256sum a/kspace/brain_acc4_1.h5)
expect 2 data synth --out a $small --volumes 2 --seed 9
[ "$before" = "$(sha256sum a/kspace/brain_acc4_1.h5)" ] || fail "a volume was overwritten"
expect 0 data synth --out a $small --volumes 2 --seed 9 --force

expect 2 data synth --out e --coils 3
stderr_is_one_line
expect 2 data synth --out e --coils 21
expect 2 data synth --out e --height 8
expect 2 data synth
expect 3 data synth --out e $small --anatomy nowhere.nii.gz
stderr_has "nowhere.nii.gz"
: >empty.nii.gz
expect 3 data synth --out e $small --anatomy empty.nii.gz
[ ! -e e ] || [ -z "$(find e -type f)" ] || fail "something was written"

real=$data/brain_t1_7coil/brain_t1_7coil.h5
expect 0 data import "$real" --out i --acceleration 4 --name brain_test1 --peak 8e-4 --masked
stdout_has "(1, 7, 256, 216)"
stdout_has "acceleration 4, ACS 17"
expect 3 data import i/kspace/brain_test1.h5 --out j --acceleration 4
stderr_is_one_line
truncate -s 100000 i/kspace/brain_test1.h5
expect 3 data import i/kspace/brain_test1.h5 --out j --acceleration 4
expect 3 data import nowhere.h5 --out j --acceleration 4
expect 2 data import "$real" --out j
expect 2 data import "$real" --out j --acceleration 0
[ ! -e j ] || [ -z "$(find j -type f)" ] || fail "something was written"
