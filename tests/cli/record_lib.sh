# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Sourced behind lib.sh, by record.sh here and beside the official code. Times alone may differ from run to run.
export HOME="$work" GIT_CONFIG_NOSYSTEM=1
without_times() { sed -E 's/(Time = )[0-9.]+s/\1T/g' "$1"; }

# recorded_training COMMAND...: an official training of 10 epochs, by hand; under `run`, killed in its third epoch; and again
# to its end. Same bytes, both in the history with their curves, the forecast at half-time within 10 %, a lesson.
recorded_training() {
  "$@" >"$work/plain.out" 2>"$work/plain.err" || fail "the training by hand"

  "$program" run -- "$@" >"$work/stdout" 2>"$work/stderr" &
  ours=$!
  until grep -q 'Epoch = \[  *2/.*Iter' "$work/stdout"; do sleep 0.05; done
  kill -9 $ours
  wait $ours 2>/dev/null || true
  lines=$(wc -l <"$work/stdout")
  expect 0 runs note last --lesson 'the plug was pulled'

  "$program" run --deadline 2020-01-01T00:00+09:00 -- "$@" >"$work/again.out" 2>"$work/again.err" &
  ours=$!
  until grep -q 'Epoch = \[  *4/.*TrainLoss' "$work/again.out"; do sleep 0.02; done
  "$program" runs show last >"$work/half"
  half=$(date +%s.%N)
  wait $ours || fail "the recorded training ended with $?"
  finished=$(date +%s.%N)
  without_times "$work/plain.out" >plain
  without_times "$work/again.out" | cmp - plain || fail "stdout is not that of the run by hand"
  grep -v '^reconproof: ' "$work/again.err" | cmp - "$work/plain.err" || fail "stderr is not that of the run by hand"
  [ "$(grep -c 'the deadline is at risk' "$work/again.err")" -eq 1 ] || fail "no warning of the deadline, or many"

  expect 0 runs list
  stdout_has "lesson: the plug was pulled"
  stdout_has "killed"
  stdout_has "10/10"
  expect 0 runs export runs.jsonl
  cat "$work/half"
  /usr/bin/python3 - "$work/half" $half $finished "$lines" <<'END' || fail "what is recorded is not right"
import json, re, sys
killed, again = [json.loads(line) for line in open("runs.jsonl")]
assert killed["outcome"] == "killed" and again["outcome"] == "succeeded"
ends = lambda run: [point[1] for point in run["points"] if point[0] == "epoch"]
assert ends(killed) == [0, 1] and ends(again) == list(range(10)), (ends(killed), ends(again))
for ours, theirs in zip(killed["points"], again["points"]):
    assert ours[:7] == theirs[:7], "the same seed, another curve"
assert any("deadline" in warning for warning in again["details"]["warnings"])
# The forecast was made at `half`; the run ended at `finished`.
text = re.search(r"forecast .*, in (?:(\d+) min )?([\d.]+) s", open(sys.argv[1]).read())
expected = 60 * int(text[1] or 0) + float(text[2])
left = float(sys.argv[3]) - float(sys.argv[2])
error = abs(expected - left) / again["wall_s"]
print(f"forecast at half-time: {expected:.1f} s left, it were {left:.1f} s of {again['wall_s']:.1f} s: error {100 * error:.1f} %")
assert error < 0.1
END
}
