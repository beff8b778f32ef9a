# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# What recording costs a training: sh record.sh PROGRAM [RUNS]. A command of 20 s that prints ten lines a second says when
# it began and ended and what processor time it took. What a machine's cores do varies by more than 1 % from run to run, so
# the overhead is what is beside the command: all time outside its span (less a start of the interpreter), and all processor
# time of others, as if there were one core. Some of it is paid once (git, the history), the rest grows with the time.
set -eu
program=$1
runs=${2:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
touch reconproof.toml
cat >work.py <<'END'
import json, os, sys, time

begin, step = time.monotonic(), 0
while time.monotonic() - begin < float(sys.argv[1]):
    end = time.monotonic() + 0.1
    while time.monotonic() < end:
        sum(range(10000))
    print(f"Epoch = [  0/  1] Iter = [{step:4d}/1000] Loss = 0.5 Time = 0.1000s")
    step += 1
with open("span.json", "w") as file:
    json.dump([time.monotonic() - begin, sum(os.times()[:2])], file)
END
/usr/bin/python3 - "$program" "$runs" <<'END'
import json, resource, statistics, subprocess, sys, time

program, runs = sys.argv[1], int(sys.argv[2])


def spent(command):
    def cpu():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    wall, before = time.monotonic(), cpu()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    wall = time.monotonic() - wall
    span, own = json.load(open("span.json"))
    return span, wall - span, cpu() - before - own


def measured(seconds):
    command = [sys.executable, "work.py", str(seconds)]
    _, plain_wall, plain_cpu = spent(command)
    span, wall, cpu = spent([program, "run", "--", *command])
    return span, wall - plain_wall, cpu - plain_cpu


once, growing = [], []
for _ in range(runs):
    _, wall, cpu = measured(0)
    once.append(max(wall, cpu))
    span, _, long_cpu = measured(20)
    growing.append(max(long_cpu - cpu, 0) / span)
once, growing = statistics.median(once), statistics.median(growing)
for minutes in (1, 10, 60):
    print(f"a training of {minutes} min: ratio {1 + once / (60 * minutes) + growing:.4f}")
print(f"once: {1e3 * once:.0f} ms; then {100 * growing:.2f} % of one core")
sys.exit(once / 600 + growing >= 0.01)
END
