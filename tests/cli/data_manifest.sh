# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# keygen, data manifest and its signature, data validate --manifest: the same bytes whatever threads, interruption and locale; exit codes.
. "$(dirname "$0")/lib.sh"
export XDG_CONFIG_HOME="$work/config"
small="--slices 2 --coils 4 --height 64 --width 64 --seed 3"

# A key is made once, for its owner alone.
expect 0 keygen --json
stdout_has '"schema": "reconproof.key"'
key=$XDG_CONFIG_HOME/reconproof/signing.pem
[ "$(stat -c %a "$key")" = 600 ] || fail "others may read the key"
cp -p "$key" before.pem
expect 2 keygen
stderr_is_one_line
cmp "$key" before.pem || fail "the key was overwritten"
expect 0 keygen --out other.pem
other=$(sed -n 's/^public key *//p' stdout)
openssl pkey -in "$key" -pubout -out key.pub 2>/dev/null || fail "openssl does not read the key"

"$program" data synth --out Data/train --volumes 3 $small >/dev/null 2>&1
"$program" data synth --out Data/val --volumes 1 --first-number 4 $small >/dev/null 2>&1
expect 0 data manifest Data -o a.jsonl --key "$key" --threads 1
stdout_has "8 files"
LC_ALL=C.UTF-8 expect 0 data manifest Data -o b.jsonl --threads 4 --json
stdout_has '"schema": "reconproof.data-manifest-written"'
cmp a.jsonl b.jsonl || fail "threads change the manifest"
cp -r Data Elsewhere
touch Elsewhere/.DS_Store
expect 0 data manifest Elsewhere -o Elsewhere/c.jsonl
cmp a.jsonl Elsewhere/c.jsonl || fail "the place changes the manifest"
[ ! -e a.jsonl.journal ] || fail "the journal stayed"

# Killed in the middle of a write (SIGXFSZ), the next run goes on from the journal; nothing half-written stands there.
for blocks in 4 12 24; do
  rm -f e.jsonl e.jsonl.journal
  (ulimit -f $blocks; exec "$program" data manifest Data -o e.jsonl --threads 1 >/dev/null 2>&1) && fail "was not cut off"
  [ ! -e e.jsonl ] && [ -s e.jsonl.journal ] || fail "no journal alone after a kill"
  known=$(grep -c '^\["Data' e.jsonl.journal) || true
  echo "$blocks blocks: $known lines" >>killed
  expect 0 data manifest Data -o e.jsonl
  cmp a.jsonl e.jsonl || fail "an interruption changes the manifest"
done
grep -q ": [1-7] lines" killed || fail "no run was cut off in the middle: $(cat killed)"
# What was hashed is not read again: a journal that says otherwise is believed for an unchanged file, not for a changed one.
(ulimit -f 24; exec "$program" data manifest Data -o e.jsonl --threads 1 >/dev/null 2>&1) || true
sed -i '2s/\\"bytes\\":[0-9]*/\\"bytes\\":7/' e.jsonl.journal
cp e.jsonl.journal kept.journal
expect 0 data manifest Data -o e.jsonl
grep -q '"bytes":7,' e.jsonl || fail "a hashed file was read again"
cp kept.journal e.jsonl.journal
find Data -name '*.h5' -exec touch {} +
expect 0 data manifest Data -o e.jsonl
cmp a.jsonl e.jsonl || fail "a file that was touched was not read again"

# Signatures. A key that came along proves nothing: the verifier names his.
expect 0 data validate Data --manifest a.jsonl --public-key key.pub
expect 4 data validate Data --manifest a.jsonl --public-key "$other"
stderr_has "not signed by the key"
stderr_is_one_line
expect 3 data validate Data --manifest b.jsonl --public-key key.pub
expect 3 data validate Data --manifest a.jsonl --public-key nowhere.pub
expect 2 data validate Data --public-key key.pub
sed 's/"bytes":\([0-9]\)/"bytes":9\1/' a.jsonl >forged.jsonl
cp a.jsonl.dsse.json forged.jsonl.dsse.json
expect 4 data validate Data --manifest forged.jsonl --public-key key.pub
stderr_has "other bytes"
sed 's/"payload": "/"payload": "AAAA/' a.jsonl.dsse.json >forged.jsonl.dsse.json
expect 4 data validate Data --manifest forged.jsonl --public-key key.pub
echo "{}" >forged.jsonl.dsse.json
expect 3 data validate Data --manifest forged.jsonl --public-key key.pub
head -c 2000 a.jsonl >cut.jsonl
expect 3 data validate Data --manifest cut.jsonl
stderr_has "cut off"
sed '$d' a.jsonl >cut.jsonl
expect 3 data validate Data --manifest cut.jsonl
(sed -n 1p a.jsonl; sed 1d a.jsonl | sort -r) >cut.jsonl
expect 3 data validate Data --manifest cut.jsonl

# A manifest is made of a healthy set.
expect 3 data manifest nowhere -o f.jsonl
cp -r Data Broken
truncate -s 1000 Broken/train/image/brain_acc4_1.h5
expect 3 data manifest Broken -o f.jsonl
stderr_has "brain_acc4_1.h5"
[ ! -e f.jsonl ] || fail "a manifest of a broken set was written"
ln -sf ../../../Data/val/image/brain_acc4_4.h5 Broken/train/image/brain_acc4_1.h5
expect 3 data manifest Broken -o f.jsonl
stderr_has "link"
chmod 644 other.pem
expect 4 data manifest Data -o f.jsonl --key other.pem
expect 2 data manifest Data

# So does a validation: with the same result.
expect 0 data validate Data --json
cp stdout whole.json
(ulimit -f 24; exec "$program" data validate Data --threads 1 >/dev/null 2>&1) && fail "was not cut off"
[ -s state/reconproof/data-validate/*.journal ] || fail "no journal after a kill"
expect 0 data validate Data --json
cmp stdout whole.json || fail "an interruption changes the validation"
[ -z "$(ls state/reconproof/data-validate)" ] || fail "the journal stayed"
# What was looked at is not read again, unless --fresh says so.
(ulimit -f 24; exec "$program" data validate Data --threads 1 >/dev/null 2>&1) || true
sed -i '2s/\\"bytes\\":[0-9]*/\\"bytes\\":7/' state/reconproof/data-validate/*.journal
expect 0 data validate Data --json
! cmp -s stdout whole.json || fail "a volume was read again"
(ulimit -f 24; exec "$program" data validate Data --threads 1 >/dev/null 2>&1) || true
sed -i '2s/\\"bytes\\":[0-9]*/\\"bytes\\":7/' state/reconproof/data-validate/*.journal
expect 0 data validate Data --json --fresh
cmp stdout whole.json || fail "--fresh believes the journal"

# validate: usage, and a set that is none.
expect 3 data validate nowhere
mkdir Empty
expect 3 data validate Empty
expect 2 data validate Data --edition snu-1999
expect 2 data validate
expect 2 data validate Data --threads -1
rm Data/train/image/brain_acc4_1.h5
expect 1 data validate Data
stdout_has "FAULT  train/kspace/brain_acc4_1.h5: has no file of the same name in image/"
