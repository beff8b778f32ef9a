# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The NYU profiles, and the official trainer's validation metric, beside skimage: sh SCRIPT PROGRAM TEST-DATA. PYTHON has h5py
# and skimage.
python=${PYTHON:-/usr/bin/python3}
official=$(cd "$(dirname "$0")" && pwd)
if ! "$python" -c "import h5py, skimage.metrics" 2>/dev/null; then
  echo "skipped: $python has no h5py or no skimage"
  exit 77
fi
set -- "$1" "$2" none
. "$official/../cli/lib.sh"
reference() { "$python" "$official/nyu_reference.py" "$@" || fail "nyu_reference.py $*"; }
compare() {
  reference compare "$@"
  # The comparison must be able to fail.
  sed 's/\(": [0-9]*\.[0-9]\{4\}\)[0-9]*/\1/g' "$2" >spoilt
  ! "$python" "$official/nyu_reference.py" compare "$1" spoilt "$3" >/dev/null 2>&1 || fail "a difference was not seen"
}

reference make "$data/scoring/snu-2025" nyu
reference knee nyu >expected
for edition in nyu-knee nyu-brain; do
  echo "== $edition"
  expect 0 score --edition $edition --labels nyu/labels --recon nyu/recon --json
  compare stdout expected 1e-6
  expect 0 score --edition $edition --labels nyu/labels --recon nyu/recon --official-print
  "$python" -c 'import json, sys; sys.stdout.write(json.load(open("expected"))["text"])' >text
  cmp text stdout || fail "$edition: the texts differ"
done

for edition in snu-2023 snu-2025; do
  echo "== the trainer's validation, $edition"
  reference trainer "$data/scoring/$edition/leaderboard" "$data/scoring/$edition/recon" >expected
  expect 0 score --edition $edition --labels "$data/scoring/$edition/leaderboard" \
    --recon "$data/scoring/$edition/recon" --metric volume --json
  compare stdout expected 1e-6
done
