# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# `run`: nobody notices it, and nothing is lost, whoever is killed.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
export HOME="$work" GIT_CONFIG_NOSYSTEM=1
mkdir -p project/sub && cd project
touch reconproof.toml

# --- nothing is changed: bytes of both streams, exit code, stdin
cat >speak.py <<'END'
import sys
data = sys.stdin.buffer.read()
for i in range(200):
    sys.stdout.buffer.write(b"out %d \x00\xff\r\n" % i + data)
    sys.stderr.buffer.write(b"err %d \x1b[31m" % i)
sys.exit(7)
END
printf 'typed\nlast' >input
set +e
python3 speak.py <input >../plain.out 2>../plain.err
"$program" run --note 'chans 12' -- python3 speak.py <input >"$work/stdout" 2>"$work/stderr"
got=$?
set -e
[ "$got" -eq 7 ] || fail "exit $got, expected the command's 7"
cmp -s ../plain.out "$work/stdout" || fail "stdout was changed"
head -c "$(stat -c %s ../plain.err)" "$work/stderr" | cmp -s - ../plain.err || fail "stderr was changed"
stderr_has "what did it teach? reconproof runs note"
expect 0 runs list
stdout_has "failed (7)"
expect 0 runs show last
stdout_has "python3 speak.py"
stdout_has "chans 12"
expect 0 runs show last --log
[ "$(stat -c %s "$work/stdout")" -eq "$(cat ../plain.out ../plain.err | wc -c)" ] || fail "the log is not whole"

# --- both streams in one file: the order of the writes stays; a run that succeeds says nothing
cat >mixed.sh <<'END'
for i in 1 2 3 4 5 6 7 8 9; do echo "out $i"; echo "err $i" >&2; done
END
sh mixed.sh >../plain 2>&1
"$program" run -- sh mixed.sh >../recorded 2>&1
cmp -s ../plain ../recorded || fail "the order of two streams in one file was changed"

# --- who stops reading ends the command, as without us
"$program" run -- sh -c 'while :; do echo line; done' 2>"$work/stderr" | head -1 >"$work/stdout"
stdout_has line
expect 0 runs list --limit 1
stdout_has "killed (13)"

# --- exit codes: a signal, a command that is not there, our own usage
expect 143 run -- sh -c 'kill -TERM $$'
expect 0 runs list --limit 1
stdout_has "killed (15)"
expect 127 run -- ./not-there
stderr_has "not-there"
expect 127 run -- no-such-command
stderr_has "command not found in PATH"
expect 2 run
stderr_has 'no command; expected `reconproof run [options] -- COMMAND...`'
expect 2 run --
expect 2 run sh train.sh
stderr_has "expected \`reconproof run -- sh ...\`"
stderr_is_one_line
expect 2 run --deadline 2026-08-20T18:00 -- true
stderr_has "expected a moment with its offset from UTC, such as 2026-08-20T18:00+09:00"
stderr_is_one_line
expect 3 run --project nowhere -- true
expect 0 run --help
stdout_has "Examples:"

# --- what a training's lines tell: curve, warnings, the deadline
cat >train.sh <<'END'
for epoch in 0 1 2; do
  for step in 0 1 2; do
    echo "Epoch = [  $epoch/  3] Iter = [   $step/   3] Loss = 0.4${epoch}2$step Time = 0.1000s"
  done
  [ "$epoch" != "${nan:-}" ] || echo "Epoch = [  $epoch/  3] Iter = [   3/   3] Loss = nan Time = 0.1000s"
  sleep "${pause:-0}"
  echo "Epoch = [   $epoch/   3] TrainLoss = 0.3$epoch ValLoss = 0.0${epoch}7 TrainTime = 1.0000s ValTime = 0.5000s"
done
END
export nan=1
expect 0 run --deadline 2020-01-01T00:00Z -- sh train.sh --seed 430
unset nan
stderr_has "reconproof: warning: the loss is not finite (NaN or infinite) since epoch 1, iteration 3"
stderr_has "reconproof: warning: the deadline is at risk"
[ "$(grep -c warning "$work/stderr")" -eq 2 ] || fail "expected each warning once"
expect 0 runs show last
stdout_has "epochs      3 of 3"
stdout_has "430 (command --seed)"
stdout_has "warning     the loss is not finite"
stdout_has "▁"
expect 0 run -- sh train.sh
[ ! -s "$work/stderr" ] || fail "stderr is not empty"

# --- kill -9 of the command, and of us: both are there, with their curves
begin() {  # begins a training that never ends, and waits for its second epoch
  : >out # what stands there is of the one before
  "$program" run -- sh -c "pause=0 sh train.sh; $1" >out 2>/dev/null &
  ours=$!
  until grep -q 'Epoch = \[   2/' out; do sleep 0.05; done
}
begin 'kill -9 $$'
wait $ours && fail "killed, and exit 0" || [ $? -eq 137 ] || fail "expected 128 + 9"
expect 0 runs list --limit 1
stdout_has "killed (9)"
stdout_has "3/3"
begin 'sleep 1000'
expect 0 runs list --limit 1
stdout_has "running"
expect 0 runs show last
stdout_has "running"
kill -9 $ours
wait $ours 2>/dev/null || true
expect 0 runs list --limit 1
stdout_has "killed"
stdout_has "3/3"
expect 0 runs show last --json
[ "$(grep -o '\["step"' "$work/stdout" | wc -l)" -eq 9 ] || fail "steps were lost"
[ "$(grep -o '\["epoch"' "$work/stdout" | wc -l)" -eq 3 ] || fail "epochs were lost"
expect 0 runs note last --lesson 'never pull the plug'
expect 0 runs list --limit 1
stdout_has "lesson: never pull the plug"

# --- a politer end: handed to the command, which may finish its work
"$program" run -- python3 -c '
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("saved", flush=True), sys.exit(3)))
print("ready", flush=True)
time.sleep(1000)' >out 2>/dev/null &
ours=$!
until grep -q ready out; do sleep 0.05; done
kill -TERM $ours
got=0
wait $ours || got=$?
[ "$got" -eq 3 ] || fail "exit $got, expected the command's 3"
grep -q saved out || fail "the command was not left to finish"
expect 0 runs list --limit 1
stdout_has "killed (15)"

# --- terminals stay terminals
python3 "$here/run_terminal.py" "$program" || fail "on a terminal"

# --- where the history lies: the project, from below it too; else the repository; else here
cd sub && expect 0 run -- true && cd ..
[ ! -e sub/.reconproof ] || fail "a history in a folder below the project"
mkdir -p ../repository/deep && cd ../repository
git init -q .
echo 'print(0)' >old.py
git add old.py
git -c user.name=T -c user.email=t@e commit -q -m first
echo 'print(1)' | tee new.py >old.py
cd deep
expect 0 run -- true
[ -e ../.reconproof/runs.sqlite ] || fail "no history at the repository's root"
expect 0 runs show last
stdout_has "$(git rev-parse HEAD), and changes that are not committed"
stdout_has "untracked: new.py"
expect 0 runs show last --diff
stdout_has "+print(1)"
cd ../../project

# --- our own commands are recorded inside a project, and nowhere else; never --help
count() { "$program" runs list --json | sed -n 's/.*"total": \([0-9]*\).*/\1/p'; }
before=$(count)
expect 3 verify not-there.tar
[ "$(count)" -eq "$before" ] || fail "verify was recorded"
expect 3 check .
expect 3 score --edition snu-2025 --labels nowhere --recon nowhere
expect 0 check --help
[ "$(count)" -eq $((before + 2)) ] || fail "check and score were not recorded, once each"
expect 0 runs list --limit 1 --json
stdout_has '"kind": "score"'
mkdir "$work/nothing" && cd "$work/nothing"
expect 3 score --edition snu-2025 --labels nowhere --recon nowhere
[ ! -e .reconproof ] || fail "a history where there is no project"
cd ../project

# --- a history that cannot be written is a warning
echo "not a database, but long enough to be looked at as one of them, or so it seems to SQLite ..." >"$work/nothing/x"
mkdir -p "$work/damaged/.reconproof" && cd "$work/damaged"
touch reconproof.toml
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do cat "$work/nothing/x"; done >.reconproof/runs.sqlite
expect 0 run -- echo fine
stdout_has fine
stderr_has "warning: this run is not recorded"
expect 3 runs list
stderr_has "runs.sqlite: is damaged"
stderr_is_one_line
mkdir -p "$work/foreign/.reconproof" && cd "$work/foreign"
python3 -c 'import sqlite3; sqlite3.connect(".reconproof/runs.sqlite").execute("CREATE TABLE t (a)")'
touch reconproof.toml
expect 3 runs list
stderr_has "is no history of runs"
expect 5 run -- sh -c 'exit 5'
stderr_has "warning: this run is not recorded"
cd "$work/nothing"
expect 3 runs list
stderr_has "no history here"
