# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# How fast data are listed and validated: sh data.sh PROGRAM [VOLUMES [THREADS]]
#   manifest     at least 80 % of the speed of `openssl dgst -sha256` on the same files by as many processes
#   validation   of everything (root sum of squares, fingerprints): at least 10 %
# On a machine that others use, what counts is the speed by CPU time.
#   memory       of either, all its processes together: below 200 MB, whatever the size of the set
# The set is one full-size volume under VOLUMES names (32: 20 GB; hard links, so that the disk does not count).
set -eu
program=$(readlink -f "$1")
volumes=${2:-32}
threads=${3:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_STATE_HOME="$work/state"
"$program" data synth --out "$work/Data" --volumes 1 --slices 16 --coils 16 --height 768 --width 396 --acceleration 4 \
  >/dev/null 2>&1
for n in $(seq 2 "$volumes"); do
  for kind in kspace image; do ln "$work/Data/$kind/brain_acc4_1.h5" "$work/Data/$kind/brain_acc4_$n.h5"; done
done
/usr/bin/python3 - "$program" "$work" "$threads" <<'END'
import os, subprocess, sys, threading, time

program, work, threads = sys.argv[1], sys.argv[2], sys.argv[3]
data = os.path.join(work, "Data")
files = [os.path.join(root, name) for root, _, names in os.walk(data) for name in names]
total = sum(map(os.path.getsize, files))


def resident(pid):
    """Proportional memory of a process and all below it, in bytes."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as rollup:
            own = next(int(line.split()[1]) * 1024 for line in rollup if line.startswith("Pss:"))
        children = open(f"/proc/{pid}/task/{pid}/children").read().split()
    except (OSError, StopIteration):
        return 0
    return own + sum(map(resident, children))


def measure(name, command, stdin=None):
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.PIPE if stdin else None, stdout=subprocess.DEVNULL)
    if stdin:
        threading.Thread(target=lambda: (process.stdin.write(stdin), process.stdin.close()), daemon=True).start()
    most = 0
    pid = 0
    while pid == 0:
        most = max(most, resident(process.pid))
        time.sleep(0.05)
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
    seconds, cpu = time.perf_counter() - begin, usage.ru_utime + usage.ru_stime
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"{name}: exit {process.returncode}")
    print(f"{name:<10} {total / seconds / 1e6:8.0f} MB/s {seconds:7.1f} s {total / cpu / 1e6:8.0f} MB/s of CPU time {most / 1e6:6.0f} MB", flush=True)
    return total / seconds, total / cpu


names = "\0".join(files).encode()
print(f"{len(files)} files, {total / 1e9:.2f} GB, {threads} threads")
hashing = ["xargs", "-0", "-P", threads, "-n", "2", "openssl", "dgst", "-sha256"]
measure("warm-up", hashing, names)
reference = measure("openssl", hashing, names)
manifest = measure("manifest", [program, "data", "manifest", data, "-o", os.path.join(work, "m.jsonl"), "--threads", threads])
validate = measure("validate", [program, "data", "validate", data, "--threads", threads])
for name, i in ("time", 0), ("CPU time", 1):
    print(f"by {name}: manifest {100 * manifest[i] / reference[i]:.0f} % of openssl (80 or more), "
          f"validate {100 * validate[i] / reference[i]:.0f} % (10 or more)")
END
