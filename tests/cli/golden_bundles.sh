# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Bundles that older versions wrote are read for ever: sh golden_bundles.sh PROGRAM TEST-DATA FAKE-SUBMISSION
. "$(dirname "$0")/lib.sh"
bundles="$data/bundle"

# golden NAME FILES BYTES: what its README says of it holds.
golden() {
  row=$(grep -F "| \`$1\` |" "$bundles/README.md")
  id=$(echo "$row" | cut -d '`' -f 4) team=$(echo "$row" | cut -d '`' -f 6) organiser=$(echo "$row" | cut -d '`' -f 8)
  expect 0 verify "$bundles/$1" --public-key "$team" --public-key "$organiser"
  stdout_has "verified: $2 files, $3 bytes"
  stdout_has "id $id"
  expect 0 extract "$bundles/$1" --to "$1.bag"
  expect 0 verify "$1.bag" --json
  stdout_has "\"id\": \"$id\""
  # One bit of it, and it is refused.
  cp "$bundles/$1" changed.tar
  LC_ALL=C sed -i 's/numpy.full/numpy.fill/' changed.tar
  expect 4 verify changed.tar
  expect 4 verify "$bundles/$1" --public-key "ed25519:GQIsYoZHmyXY8cGEids+1IrwL3Ml/2mjP3zl0C6I1Ps="
}

golden v1.tar 31 55227
cmp v1.tar.bag/data/weights/weights.pt "$data/torch/protocol2.pt"
cmp v1.tar.bag/data/weights/training/first/old.pt "$data/torch/legacy.pt"
[ -x v1.tar.bag/data/code/src/run.sh ] || fail "code is no more executable"
[ -f v1.tar.bag/data/attachments/slides/슬라이드.pptx ] || fail "no slides"

# What is in it can be laid out and run.
sandboxed || exit 0
"$program" data synth --out Data/leaderboard --layout leaderboard --volumes 2 --slices 1 --coils 4 --height 64 --width 64 \
  --seed 1 >stdout 2>stderr
expect 5 reproduce "$bundles/v1.tar" --data Data
stdout_has "$(printf '%-32s %s' "re-executed against bundled" bitwise)"
stdout_has "total"
