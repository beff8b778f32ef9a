# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The official leaderboard_eval.py of 2023 to 2026 beside ours, on random sets in each year's layout: the printed text byte for
# byte, and every item as its functions compute it. SEEDS (default "1") are those of the sets. PYTHON also needs cv2.
branch=2025_baby_varnet
edition=snu-2025
. "$(dirname "$0")/lib.sh"
sets() { "$python" "$official/score_sets.py" "$@" || fail "score_sets.py $*"; }
ours() {
  recon=$1
  shift
  expect 0 score --edition "snu-$year" --labels "$set/leaderboard" --recon "$set/$recon" "$@"
}

for seed in ${SEEDS:-1}; do
  for branch in 2023_baby_varnet 2024_baby_varnet 2025_baby_varnet 2026_baby_varnet_phase2; do
    year=${branch%%_*}
    echo "== $year, seed $seed"
    set=$work/$year
    sets make "$set" "$year" "$seed"
    rm -rf code
    cp -r "$SNU/$branch" code
    official_run leaderboard_eval.py -lp "$set/leaderboard" -yp "$set/recon"
    cp stdout official_text
    ours recon --official-print
    cmp official_text stdout || fail "$year: the texts differ"
    sets exact "$work/code" "$year" "$set" >official_items
    ours recon --json
    sets compare stdout official_items 1e-6
    # The comparison must be able to fail.
    sed 's/"value": \(0\.[0-9]\{4\}\)[0-9]*/"value": \1/' stdout >spoilt
    ! "$python" "$official/score_sets.py" compare spoilt official_items 1e-6 >/dev/null 2>&1 || fail "a difference was not seen"
    cp stdout before
    # The same values stored otherwise: big-endian, chunked, compressed.
    ours recon-other --json
    cmp before stdout || fail "$year: stored otherwise, another score"
    rm -r "$set"
  done
done
