# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# A check that is cut off goes on behind the runs that it had finished, and behind no others.
. "$(dirname "$0")/lib.sh"
steps=$work/team/code/.reconproof/check/steps
check() { expect "$1" check "$work/team/code" ${2:-}; }
stderr_lacks() { ! grep -qF -- "$1" "$work/stderr" || fail "stderr has: $1"; }
# verdicts: what was found, without times.
verdicts() { grep '^  \(pass\|FAIL\|inconclusive\|n/a\)' "$work/stdout" | sed 's/[0-9.]* s\b//g'; }
# cut_off SIGNAL: a check that ends so while its second run goes on.
cut_off() {
  "$program" check "$work/team/code" >"$work/stdout" 2>"$work/stderr" & pid=$!
  for i in $(seq 200); do
    [ ! -e "$steps/recon.json" ] || break
    sleep 0.1
  done
  [ -e "$steps/recon.json" ] || fail "the first run left no record"
  sleep 0.3
  kill "-$1" $pid
  wait $pid 2>/dev/null && fail "the check ended before it was cut off" || true
  [ ! -e "$steps/repeat.json" ] || fail "the second run was over"
}
finished() {
  [ ! -e "$steps" ] || fail "records of a finished check stay"
  [ -z "$(find "$work/team" -name '*partial*')" ] || fail "half-written files"
  [ "$(ls -A "$work/team/code/.reconproof/check")" = "$(printf '%s\n' check.json check.sarif check.xml recon)" ] || fail "left something behind"
}

team nap
check 6 -v
stderr_has "run 1 of 4: the command"
stderr_has "run 3 of 4: other names, other folders, wrong labels"
stderr_has "run 4 of 4: OMP_NUM_THREADS=1"
verdicts >"$work/uninterrupted"
finished

for signal in KILL TERM; do
  cut_off $signal
  mkdir -p "$steps/../poisoned/acc4/image" # as if it had been cut off in its third run
  check 6
  stderr_has "run 1 of 4: the command: taken from the check that was cut off"
  stderr_lacks "run 2"
  grep -A2 '"resumed"' "$work/team/code/.reconproof/check/check.json" | grep -q '"ended"' || fail "check.json does not tell"
  verdicts >"$work/resumed"
  cmp "$work/uninterrupted" "$work/resumed" || { diff "$work/uninterrupted" "$work/resumed"; fail "other verdicts"; }
  finished
done

# A record counts only for what it was made from.
cut_off KILL
cp -rp "$work/team" "$work/cut"
again() {
  rm -rf "$work/team"
  cp -rp "$work/cut" "$work/team"
}
again
check 6
stderr_has "taken from"
again
echo "other weights" >"$work/team/result/weights.pt"
check 6
stderr_lacks "taken from"
again
echo "# a comment" >>"$work/team/code/reconproof.toml"
check 6
stderr_lacks "taken from"
again
touch "$work/team/code/fake_submission"
check 6
stderr_lacks "taken from"
again
touch "$work/team/Data/leaderboard/acc4/kspace/brain_test1.h5"
check 6
stderr_lacks "taken from"
again
expect 6 check "$work/team/code" --timeout 100
stderr_lacks "taken from"
again
expect 6 check "$work/team/code" --fresh
stderr_lacks "taken from"
finished

# Neither for reconstructions that were altered, nor when the record itself was, nor for another user's.
again
cp "$data/scoring/snu-2025/recon/acc4/brain_test1.h5" "$work/team/code/.reconproof/check/recon/acc4/brain_test1.h5"
check 6
stderr_lacks "taken from"
again
rm "$work/team/code/.reconproof/check/recon/acc4/brain_test1.h5"
check 6
stderr_lacks "taken from"
again
sed -i 's/"ended": "2/"ended": "3/' "$steps/recon.json"
check 6
stderr_lacks "taken from"
again
echo '{"schema": "reconproof.check-step", "schema_version": 1}' >"$steps/recon.json"
check 6
stderr_lacks "taken from"
again
XDG_STATE_HOME="$work/elsewhere" expect 6 check "$work/team/code"
stderr_lacks "taken from"

# On a terminal a line tells what goes on; what a command prints cannot move the cursor.
team nap
sed -i "s|^command = .*|command = [\"sh\", \"-c\", \"printf '\\\\\\\\033[31mred'; sleep 2; ./fake_submission ../Data/leaderboard ../result/recon ok\"]|" \
  "$work/team/code/reconproof.toml"
script -qec "$program check $work/team/code --only layout." /dev/null >"$work/stdout" </dev/null || true
stdout_has "run 1 of 1: the command, 0:01 of at most 2:00:00: \x1b[31mred"
! grep -qF "$(printf '\033[31m')" "$work/stdout" || fail "an escape sequence reached the terminal"

# A run that failed is made again.
team crash
check 1
check 1
stderr_lacks "taken from"

# Two checks at once: the second is refused.
team sleep
"$program" check "$work/team/code" >/dev/null 2>&1 & pid=$!
under_construction() { find "$work/team/code/.reconproof/check" -mindepth 1 -maxdepth 1 -name '.*partial*' 2>/dev/null; }
for i in $(seq 100); do
  [ -z "$(under_construction)" ] || break
  sleep 0.1
done
sleep 0.3
check 2
stderr_has "another check of this project is running"
stderr_is_one_line
[ -n "$(under_construction)" ] || fail "the second check took away what the first one was writing"
kill -KILL $pid
wait $pid 2>/dev/null || true
