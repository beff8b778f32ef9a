# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Predictions of the baseline's own program against what it measures. With --slow 12 sizes x 3 shapes after a calibration:
# memory within 15 %, time within 25 % (docs/planning.md); prints the table.
slow=${4:-}
. "$(dirname "$0")/lib.sh"
export XDG_CACHE_HOME="$work/cache"
baseline=$(dirname "$program")/reconproof-baseline

# expect_baseline CODE ARGUMENT...
expect_baseline() {
  wanted=$1
  shift
  got=0
  "$baseline" "$@" >"$work/stdout" 2>"$work/stderr" || got=$?
  [ "$got" -eq "$wanted" ] || fail "reconproof-baseline $*: exit $got, expected $wanted"
}

expect_baseline 2 plan --cascades 1,x
stderr_has "expected numbers such as 4,8"
expect_baseline 2 plan --cascades 0
stderr_has "cascades is 0, expected 1 to 64"
expect_baseline 2 plan --model other
stderr_has "expected varnet or unet"
expect_baseline 2 plan --shape 4x4x4
stderr_has "rows and columns from 32"
expect_baseline 0 plan --cascades 2 --shape 4x96x64,4x128x96
stdout_has "not calibrated"
expect 6 plan --edition snu-2025 --shape 16x768x396 --threads 1
stdout_has "NOT CALIBRATED"
stdout_has "cascades 1, chans 9, sens_chans 4, pools 4"

# judge MEMORY TIME FILE...: how far each prediction is from what was measured; of times that several files have, the least
# counts, since other programs only lengthen them.
cat >judge.py <<'END'
import json, sys

most_memory, most_time = map(float, sys.argv[1:3])
runs = [json.load(open(name))["networks"] for name in sys.argv[3:]]
worst = {"memory": 0.0, "time": 0.0}
for n, network in enumerate(runs[0]):
    for s, shape in enumerate(network["shapes"]):
        name = " ".join(str(v) for v in network["sizes"].values()) + " at " + "x".join(map(str, shape["shape"]))
        for key in shape["measured"]:
            if shape[key] is None:
                continue
            measured = min(run[n]["shapes"][s]["measured"][key] for run in runs)
            ratio = shape[key] / measured
            kind = "memory" if key.endswith("bytes") else "time"
            worst[kind] = max(worst[kind], abs(ratio - 1))
            unit = f"{measured / 1e6:9.1f} MB" if kind == "memory" else f"{measured:9.1f} ms"
            print(f"{network['model']} {name:32} {key:16} measured {unit}, predicted / measured {ratio:.3f}")
print("largest differences:", {kind: round(value, 3) for kind, value in worst.items()})
sys.exit(worst["memory"] > most_memory or worst["time"] > most_time)
END

if [ "$slow" != --slow ]; then
  expect_baseline 0 plan --measure --threads 1 --cascades 2 --chans 9 --shape 4x96x64 --json
  /usr/bin/python3 judge.py 0.15 0 stdout || fail "memory is predicted further off than 15 %"
  exit 0
fi

expect 0 plan --calibrate --threads 1
stdout_has "Calibrated: "
cat "$work/stdout"
measure() {
  for run in 1 2 3; do
    expect_baseline 0 plan --measure --threads 1 --json "$@"
    cp stdout run$run.json
    /usr/bin/python3 judge.py 0.15 0.25 run?.json >table && break
  done
  cat table
  [ "$run" -lt 3 ] || /usr/bin/python3 judge.py 0.15 0.25 run?.json >/dev/null || fail "a prediction is too far off"
  rm run?.json
}
shapes=4x128x96,6x192x160,8x256x184
measure --shape $shapes --cascades 1,2,4 --chans 9
measure --shape $shapes --cascades 1,3 --chans 12 --sens-chans 6
measure --shape $shapes --cascades 1,2 --chans 18,24 --sens-chans 8
measure --shape $shapes --cascades 6 --chans 6 --sens-chans 4
measure --shape $shapes --cascades 2 --chans 16 --sens-chans 4 --pools 3
for batch in 1 2 4; do measure --model unet --batch-size $batch; done
