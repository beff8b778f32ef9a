# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The score command: golden text, and each fault with its exit code.
. "$(dirname "$0")/lib.sh"
golden=$data/scoring/snu-2025

expect 0 score --edition snu-2025 --labels "$golden/leaderboard" --recon "$golden/recon" --official-print
cmp "$work/stdout" "$golden/expected_print.txt" || fail "official print differs"
expect 0 score --edition snu-2025 --labels "$golden/leaderboard" --recon "$golden/recon" --json
stdout_has '"printed": "0.9740"'
stdout_has '"official_set": false'
expect 0 score --edition snu-2025 --labels "$golden/leaderboard" --recon "$golden/recon"
stdout_has "total    0.9740"
stdout_has "not the public leaderboard"

spoil() {
  rm -rf recon
  cp -r "$golden/recon" recon
  chmod -R u+w recon
}
score() {
  expect "$1" score --edition snu-2025 --labels "$golden/leaderboard" --recon recon
}

spoil; rm recon/acc4/knee_test2.h5; score 1
stdout_has "acc4/knee_test2.h5: missing"
stdout_has "No score"
spoil; cp recon/acc4/knee_test2.h5 recon/acc4/knee_test3.h5; score 1
stdout_has "knee_test3.h5: not a volume of the leaderboard"
spoil; truncate -s 3000 recon/acc8/brain_test1.h5; score 3
stdout_has "acc8/brain_test1.h5"
stdout_has "No score"
spoil; : >recon/acc8/brain_test1.h5; score 3
spoil; rm recon/acc8/brain_test1.h5; ln -s /etc/passwd recon/acc8/brain_test1.h5; score 3
stdout_has "is a symbolic link"
# `head` cannot be fooled into a score by --official-print either.
expect 3 score --edition snu-2025 --labels "$golden/leaderboard" --recon recon --official-print
[ ! -s "$work/stdout" ] || fail "an incomplete score was printed"

expect 3 score --edition snu-2025 --labels nowhere --recon recon
stderr_has "nowhere"
stderr_is_one_line
expect 3 score --edition snu-2025 --labels "$golden/leaderboard" --recon nowhere
stderr_has "no such folder of reconstructions"
