# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# 8 processes that write runs at the same time, some of them killed in the middle: sh runs_parallel.sh PROGRAM TEST-DATA
# FAKE-SUBMISSION [RUNS-EACH [LIST-MS]]. Whatever began its command is there afterwards, whole, once; a long list is quick.
each=${4:-12}
most_ms=${5:-1000}
. "$(dirname "$0")/lib.sh"
export HOME="$work" GIT_CONFIG_NOSYSTEM=1
mkdir project started && cd project
touch reconproof.toml
# The command leaves a mark that it was begun: its run must be in the history. Every 7th is killed, one of three ways.
cat >work.sh <<'END'
: >"$work/started/$1"
echo "Epoch = [  0/  1] Iter = [  $1/9999] Loss = 0.5 Time = 0.1000s"
case $(($1 % 21)) in
  0) kill -9 $$ ;;
  7) kill -9 $PPID; sleep 9 ;;
  14) # what is still on its way to the log goes with who carries it
    until grep -qs "Iter = \[  $1/" .reconproof/runs/*/log; do sleep 0.1; done
    read -r stat <"/proc/$PPID/stat"; set -- $stat; kill -9 "$4"; sleep 9 ;;
esac
echo "Epoch = [   0/   1] TrainLoss = 0.5 ValLoss = 0.2 TrainTime = 1.0000s ValTime = 0.5000s"
END
export work
for process in 0 1 2 3 4 5 6 7; do
  (
    for i in $(seq "$each"); do
      "$program" run -- sh work.sh $((process * each + i)) >/dev/null 2>>"$work/errors" || true
    done
  ) &
done
wait
grep -v 'what did it teach' "$work/errors" >"$work/stderr" || true
! grep -q 'not recorded' "$work/stderr" || fail "a run was not recorded"

begun=$(ls "$work/started" | wc -l)
[ "$begun" -eq $((8 * each)) ] || fail "only $begun commands were begun"
expect 0 runs export runs.jsonl
/usr/bin/python3 - "$each" <<'END' || fail "the history is not whole"
import collections, json, sys
each = int(sys.argv[1])
runs = [json.loads(line) for line in open("runs.jsonl")]
numbers = collections.Counter(int(run["command"][2]) for run in runs)
assert sorted(numbers) == list(range(1, 8 * each + 1)), "runs are missing"
assert set(numbers.values()) == {1}, "runs stand twice"
for run in runs:
    killed = int(run["command"][2]) % 7 == 0
    assert run["outcome"] == ("killed" if killed else "succeeded"), run
    assert run["ended"] and run["wall_s"] is not None and run["log_bytes"] > 0, run
    assert [point[0] for point in run["points"]] == (["step"] if killed else ["step", "epoch"]), run
END
# The database itself is sound.
/usr/bin/python3 - <<'END' || fail "the database is damaged"
import sqlite3
assert sqlite3.connect(".reconproof/runs.sqlite").execute("PRAGMA integrity_check").fetchone() == ("ok",)
END

# 10,000 runs are listed at once, and so is the last of them.
/usr/bin/python3 - <<'END'
import json
line = json.loads(open("runs.jsonl").readline())
with open("many.jsonl", "w") as file:
    for i in range(10000):
        line["id"] = f"{i:032x}"
        file.write(json.dumps(line) + "\n")
END
mkdir ../many && touch ../many/reconproof.toml && cd ../many
expect 0 runs merge ../project/many.jsonl
/usr/bin/python3 - "$program" "$most_ms" <<'END' || fail "listing takes too long"
import subprocess, sys, time
for arguments in ([], ["--limit", "0"]):
    took = []
    for _ in range(5):
        begin = time.perf_counter()
        subprocess.run([sys.argv[1], "runs", "list", *arguments], stdout=subprocess.DEVNULL, check=True)
        took.append(1e3 * (time.perf_counter() - begin))
    print(f"runs list {' '.join(arguments)}: {min(took):.0f} ms")
    assert min(took) < float(sys.argv[2])
END
