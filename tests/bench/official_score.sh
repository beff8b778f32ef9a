# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# `make bench-official SNU=DIR`: the official leaderboard_eval.py of 2025, unchanged, against `reconproof score`, on the
# same full-size set and one processor: sh SCRIPT PROGRAM [DISTINCT]. The set has 2 x 58 volumes of 16 slices; DISTINCT
# (default 4, at most 29) of each anatomy and acceleration are files of their own, 19 MB each, the others links.
# SNU=DIR holds the checkout 2025_baby_varnet of LISTatSNU/FastMRI_challenge; PYTHON has torch, cv2 and h5py.
set -eu
program=$1
distinct=${2:-4}
: "${SNU:?names no folder with checkouts of the official repository}"
python=${PYTHON:-/usr/bin/python3}
bench=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OMP_NUM_THREADS=1 OPENCV_FOR_THREADS_NUM=1 PYTHONDONTWRITEBYTECODE=1

timed() { "$python" "$bench/official_score.py" time "$@"; }
official() {
  output=$1
  shift
  (cd "$SNU/2025_baby_varnet" && timed "$output" taskset -c 0 "$python" "$bench/../official/on_cpu.py" \
    leaderboard_eval.py "$@")
}
ours() { timed "$work/ours" taskset -c 0 "$program" score --edition snu-2025 --labels "$work/leaderboard" \
  --recon "$work/recon" --threads 1 --official-print; }

"$python" "$bench/official_score.py" make "$work" "$distinct"
ours >/dev/null  # brings the files into the page cache, for both
read -r start _ <<END
$(official "$work/help" --help)
END
read -r theirs theirs_mb <<END
$(official "$work/theirs" -lp "$work/leaderboard" -yp "$work/recon")
END
best=$(for _ in 1 2 3; do ours; done | sort -n | head -1)
cmp "$work/theirs" "$work/ours"
echo "$theirs $theirs_mb $start $best" | awk '{
  slices = 2 * 58 * 16
  printf "official script  %7.2f s after %.2f s of imports, %.2f ms a slice, peak %d MB\n", $1 - $3, $3, ($1 - $3) * 1000 / slices, $2
  printf "reconproof score %7.2f s, best of 3, %.2f ms a slice, peak %d MB in one process\n", $4, $4 * 1000 / slices, $5
  printf "ratio            %7.1f (same printed text)\n", ($1 - $3) / $4
}'
