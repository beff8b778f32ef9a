# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# data leaks: exit codes, and the pair, change and similarity that are told.
. "$(dirname "$0")/lib.sh"
real=$data/brain_t1_7coil/brain_t1_7coil.h5

"$program" data import "$real" --out board/acc8 --acceleration 8 --name brain_test1 --masked >stdout 2>stderr
"$program" data synth --out clean --volumes 2 --slices 1 --coils 4 --height 256 --width 216 >stdout 2>stderr
expect 0 data leaks --leaderboard board --train clean
stdout_has "2 training slices against 1 leaderboard slices: 0 equal bytes, 0 copies, 0 neighbours"

# Renamed, another scale, not masked: other bytes, the same picture.
cp -r clean train
"$program" data import "$real" --out train --acceleration 4 --name innocent1 --peak 3e-4 >stdout 2>stderr
expect 1 data leaks --leaderboard board --train clean --train train
stdout_has "copy       train/"
stdout_has "innocent1.h5 slice 0 = board/acc8/"
stdout_has "same orientation"
expect 1 data leaks --leaderboard board --train train --json
stdout_has '"schema": "reconproof.data-leaks"'
stdout_has '"likeness": "copy"'
stdout_has '"copies": 1'

expect 2 data leaks --leaderboard board
expect 3 data leaks --leaderboard board --train nowhere
stderr_has "nowhere"
mkdir empty
expect 3 data leaks --leaderboard board --train empty
stderr_has "expected kspace/ or image/"
: >train/kspace/broken.h5
expect 3 data leaks --leaderboard board --train train
stderr_has "broken.h5"
