# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The check command on submissions that keep the rules and on one for each way to break them.
. "$(dirname "$0")/lib.sh"
isolated=yes
sandboxed || isolated=no

check() { expect "$1" check "$work/team/code"; }
no_leftovers() {
  [ "$(ls -A "$work/team/code/.reconproof/check")" = "$(printf '%s\n' check.json check.sarif check.xml recon)" ] || fail "left something behind"
  [ -z "$(find "$work/team" -name '*partial*')" ] || fail "half-written files"
}

team ok; check 6
stdout_has "pass          run.completes"
stdout_has "pass          repeat.equal"
stdout_has "pass          inputs.names"
stdout_has "pass          inputs.folders"
stdout_has "pass          inputs.labels"
stdout_has "pass          repeat.threads"
stdout_has "pass          layout.volumes"
stdout_has "pass          data.overlap"
stdout_has "inconclusive  time.official-gpu"
stdout_has "inconclusive  outputs.as-handed-in"
stdout_has "n/a           score.claimed"
if [ $isolated = yes ]; then
  stdout_has "pass          isolation.network"
  stdout_has "pass          isolation.labels"
else
  stdout_has "inconclusive  isolation.network"
  stdout_has "inconclusive  isolation.labels"
fi
no_leftovers

# Hand in what the check made, claim its score, then something else.
cp -r "$work/team/code/.reconproof/check/recon" "$work/team/result/recon"
total=$("$program" score --edition snu-2025 --labels "$work/team/Data/leaderboard" --recon "$work/team/result/recon" --json |
  sed -n '/"name": "total"/{n;s/.*"printed": "\(.*\)",.*/\1/p}')
printf '[claims]\ntotal = "%s"\n' "$total" >>"$work/team/code/reconproof.toml"
check 6
stdout_has "pass          outputs.as-handed-in"
stdout_has "pass          score.claimed"
sed -i 's/^total = .*/total = "0.9999"/' "$work/team/code/reconproof.toml"
cp "$data/scoring/snu-2025/recon/acc4/brain_test1.h5" "$work/team/result/recon/acc4/brain_test1.h5"
check 1
stdout_has "FAIL          score.claimed"
stdout_has "total: claimed '0.9999', recomputed $total"
stdout_has "FAIL          outputs.as-handed-in"

team nan; check 1
stdout_has "slice 0 holds NaN at row 2, column 232"
team missing; check 1
stdout_has "brain_test1.h5: missing"
team extra; check 1
stdout_has "surprise.h5: not a volume of the leaderboard"
team shape; check 3
stdout_has "is float32 (1, 384, 383), expected float32 (1, 384, 384)"
team truncated; check 3
stdout_has "FAIL          layout.shape"
no_leftovers
team random; check 1
stdout_has "FAIL          repeat.equal"
team names; check 1
stdout_has "FAIL          inputs.names"
stdout_has "pass          inputs.folders"
no_leftovers
team folders; check 1
stdout_has "pass          inputs.names"
stdout_has "FAIL          inputs.folders"
no_leftovers
team peeks; check 1
stdout_has "FAIL          inputs.labels"
stdout_has "pass          inputs.names"
stdout_has "pass          inputs.folders"
stdout_has "pass          repeat.equal"
no_leftovers
team threads; check 6
stdout_has "warning       repeat.threads"
stdout_has "pass          inputs.labels"
no_leftovers
team image; check 1
stdout_has "FAIL          run.completes"
team image
sed -i 's|^weights|inputs = ["kspace", "image"]\nweights|' "$work/team/code/reconproof.toml"
check 6
for rule in run.completes repeat.equal repeat.threads inputs.names inputs.folders inputs.labels layout.volumes; do
  stdout_has "$(printf 'pass          %s' $rule)"
done
if [ $isolated = yes ]; then stdout_has "pass          isolation.labels"; fi
no_leftovers
sed -i 's|"image"|"label"|' "$work/team/code/reconproof.toml"
check 3
stderr_has "inputs: 'label', expected"
team crash; check 1
stdout_has "FAIL          run.completes"
stdout_has "signal 9"
stdout_has "inconclusive  layout.volumes"
team link; check 1
stdout_has "brain_test7.h5"
team sleep; expect 1 check "$work/team/code" --timeout 1
stdout_has "was stopped after"
stdout_has "inconclusive  time.total"

# command WORDS: exchanges the team's command.
command() { sed -i "s|^command = .*|command = $1|" "$work/team/code/reconproof.toml"; }
team ok; command '["true"]'; check 1
stdout_has "inconclusive  repeat.equal"
stdout_has "FAIL          layout.volumes"
stdout_has "only 0 of 4 volumes could be judged"
team ok; command '["no-such-program"]'; check 1
stdout_has "FAIL          run.completes"
stdout_has "inconclusive  isolation.network"
team ok; command "[\"sh\", \"-c\", \"printf 'l\\\\\\\\303 \\\\\\\\377'; exit 3\"]"; check 1
stdout_has "ended with exit code 3"
stdout_has 'l\xc3 \xff'

# Stopped half-way, nothing half-written stays.
team sleep
"$program" check "$work/team/code" >"$work/stdout" 2>"$work/stderr" & pid=$!
sleep 1
kill -TERM $pid
got=0; wait $pid || got=$?
[ "$got" -eq 143 ] || fail "SIGTERM gave exit $got"
[ -z "$(find "$work/team" -name '*partial*')" ] || fail "half-written files after SIGTERM"

# What a submission declares cannot open the sandbox.
for folder in /run ../../run/reconproof /etc / "$work/team" ../Data; do
  team ok
  sed -i "s|^weights|read_only = [\"$folder\"]\nweights|" "$work/team/code/reconproof.toml"
  check 2
  stderr_is_one_line
done

# Labels that the submission brings along.
team ok
cp "$work/team/Data/leaderboard/acc8/image/brain_test2.h5" "$work/team/code/prior.bin"
check 1
stdout_has "FAIL          isolation.labels"
stdout_has "prior.bin = acc8/image/brain_test2.h5"

if [ $isolated = yes ]; then
  team socket; check 1
  stdout_has "FAIL          isolation.network"
  stdout_has "FAIL          run.completes"
  team labels; check 1
  stdout_has "FAIL          isolation.labels"
  stdout_has "acc4/image/brain_test1.h5"
  stdout_has "FAIL          run.completes"
fi

# A leaderboard volume under another name in the training data.
team ok
cp "$work/team/Data/leaderboard/acc4/kspace/brain_test2.h5" "$work/team/Data/train/kspace/brain_acc4_9.h5"
check 1
stdout_has "FAIL          data.overlap"
stdout_has "brain_acc4_9.h5 slice 0 = acc4/kspace/brain_test2.h5 slice 0"

# --data: a data root, and a leaderboard alone.
team ok
mv "$work/team/Data" "$work/team/Elsewhere"
check 3
stderr_has "no leaderboard of snu-2025"
expect 6 check "$work/team/code" --data "$work/team/Elsewhere"
stdout_has "pass          data.overlap"
expect 6 check "$work/team/code" --data "$work/team/Elsewhere/leaderboard"
stdout_has "inconclusive  data.overlap"

expect 6 check "$work/team/code" --data "$work/team/Elsewhere" --json
stdout_has '"schema": "reconproof.check"'
