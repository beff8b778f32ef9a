# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The README's section, in both languages: every figure in it is recorded, and follows its record. sh readme.sh PROGRAM
# TEST-DATA FAKE-SUBMISSION TRAINING-TEAM
scripts=$(cd "$(dirname "$0")" && pwd)
trainer=$(cd "$4" && pwd)
. "$scripts/lib.sh"
. "$scripts/rehearse_team.sh"
state=$work/team/code/.reconproof
trace() { /usr/bin/python3 "$scripts/trace_figures.py" "$1" "$state"/*/*.json || fail "figures that nobody recorded"; }

echo "== nothing is recorded: no figure, and the commands that make them"
rehearsed_team
expect 0 readme team/code
stderr_has 'no rehearsal is recorded: `reconproof rehearse --data DIR` records it'
stderr_has 'no score: `reconproof rehearse'
stderr_has 'no hash of the weights: `reconproof rehearse'
stderr_has 'whether reconstruction repeats was not measured: `reconproof check --data DIR` records it'
stdout_lacks "SHA-256"
! grep -v "reconproof. [0-9]" stdout | grep -q "[0-9]" || fail "a figure without evidence"
expect 2 readme team/code --lang fr
stderr_has "this version knows: en, ko"
expect 3 readme "$work"
mkdir -p "$state/rehearse"
echo '{"schema": "reconproof.rehearse", "schema_version": 1, "items": [{"name": [1], "rehearsed": 3}], "python": {"requirements": [4], "packages": {"a": "1"}}}' >"$state/rehearse/rehearse.json"
expect 3 readme team/code
stderr_is_one_line
rm -r "$state"
sandboxed || exit 0

echo "== recorded by a rehearsal and a check"
rehearse 6
expect 6 check team/code --only repeat.,score.
for language in en ko; do
  expect 0 readme team/code --lang $language
  trace stdout
  cp stdout section.$language
  for figure in "$(sed -n 's/^total = "\(.*\)"/\1/p' claims)" "$(sha256sum team/result/weights.pt | cut -c1-64)" \
    "$(git -C team/code rev-parse HEAD)" "./fake_submission ../Data/leaderboard ../result/recon weights" "python3 train.py ../Data/train"; do
    stdout_has "$figure"
  done
done
grep -q "the 2 significant digits that the log prints of each loss are equal" section.en || fail "determinism, en"
grep -q "유효숫자 2자리가 모두 같았습니다" section.ko || fail "determinism, ko"
grep -q "Reconstruction: two runs gave the same reconstructions, bit for bit" section.en || fail "repeat"
grep -q "HEAD" stderr && fail "a note about another commit"
# The hash of the reconstructions is what the given command prints.
sums=$(cd team/result/recon && LC_ALL=C sha256sum */*.h5 | sha256sum | cut -c1-64)
grep -q "$sums" section.en || fail "the hash of the reconstructions"

echo "== another record, another text; what is not recorded is found"
sed -i 's/"rehearsed": "0\.[0-9]*"/"rehearsed": "0.1234"/; s/"iteration": [0-9]*/"iteration": 77/' "$state/rehearse/rehearse.json"
expect 0 readme team/code
stdout_has "| 0.1234 |"
trace stdout
sed 's/| 0\.[0-9]* |$/| 0.5678 |/' stdout >forged
! /usr/bin/python3 "$scripts/trace_figures.py" forged "$state"/*/*.json >/dev/null || fail "a forged figure was not found"
git -C team/code commit -q --allow-empty -m later
expect 0 readme team/code
stderr_has "rehearse again"

echo "== a training that differs, and a README that keeps its own text"
sed -i 's/"train.py"/"train.py", "unequal"/' team/code/reconproof.toml
sed -i 's/^python train.py/python train.py unequal/' team/code/README.md
commit
expect 6 rehearse team/code --steps 6 --python /usr/bin/python3
for language in en ko; do
  expect 0 readme team/code --lang $language -o team/code/README.md
  trace team/code/README.md 2>/dev/null || true
  [ "$(grep -c "reconproof readme: begin" team/code/README.md)" -eq 1 ] || fail "the section stands twice"
  head -1 team/code/README.md | grep -q "^# A team$" || fail "the README lost its own text"
done
grep -q "iteration 3에서 처음으로 달라집니다" team/code/README.md || fail "where it parts"
expect 0 readme team/code --json
/usr/bin/python3 -c 'import json, sys; section = json.load(sys.stdin); assert "They first differ at iteration 3 (loss)" in section["text"], section' <stdout
expect 2 readme team/code -o team/code/reconproof.toml
