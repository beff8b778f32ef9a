# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# How fast bundles are packed and verified: sh bundle.sh PROGRAM [SIZE [RUNS [THREADS [cold|warm]]]]
#   pack     at least 90 % of the slower of SHA-256 (`openssl speed`, one thread) and the disk (`dd if=SOURCE of=COPY
#            conv=fsync`)
#   verify   at least 90 % of the slower of SHA-256 (THREADS of them) and the disk (`dd if=BUNDLE of=/dev/null`)
#   memory   of either below 100 MB, whatever the SIZE (10G; needs three times as much in TMPDIR)
# Medians of RUNS (3) rounds, in each of which all are measured one after another, from files that are in the page cache
# (warm) or not (cold). On a machine that others use, the CPU time tells more.
set -eu
program=$(readlink -f "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
/usr/bin/python3 - "$program" "$work" "${2:-10G}" "${3:-3}" "${4:-1}" "${5:-cold}" <<'END'
import os, re, statistics, subprocess, sys, time

program, work, size, runs, threads, cache = sys.argv[1:]
units = {"M": 2**20, "G": 2**30}
size = int(size[:-1]) * units[size[-1]] if size[-1] in units else int(size)
project, bundle, copy = (os.path.join(work, name) for name in ("project", "bundle.tar", "copy"))
# The weights are three fifths of it; the rest are reconstructions.
contents = {"weights.pt": size * 3 // 5}
contents |= {f"recon/acc{4 + 4 * (i % 2)}/brain_test{i}.h5": size // 100 for i in range(40)}
sources = [os.path.join(project, name) for name in contents]


def call(command, **options):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)


def make_project():
    with open(os.path.join(project, "reconproof.toml"), "w") as toml:
        toml.write('[project]\nname = "bench"\nedition = "snu-2025"\n[steps.reconstruct]\ncommand = ["true"]\n'
                   'weights = "weights.pt"\noutputs = "recon"\n')
    for name, source in zip(contents, sources):
        os.makedirs(os.path.dirname(source), exist_ok=True)
        # Bytes that nothing compresses, faster than /dev/urandom gives them.
        call(f"head -c {contents[name]} /dev/zero | openssl enc -aes-128-ctr -nosalt -pass pass:{name} >{source}",
             shell=True)


def prepare(files):
    """The same state of the cache before every run, and no old writes on their way to the disk."""
    call(["sync"])
    for file in files:
        if cache == "cold":
            call(["dd", f"if={file}", "iflag=nocache", "count=0"])
        else:
            call(["dd", f"if={file}", "of=/dev/null", "bs=1M"])


def timed(command, files):
    """Bytes a second, seconds of CPU time, and the peak memory in bytes."""
    prepare(files)
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {process.returncode}")
    return size / (time.perf_counter() - begin), usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def sha256(processes):
    multi = ["-multi", processes] if processes != "1" else []
    command = ["openssl", "speed", "-evp", "sha256", "-bytes", "1048576", "-seconds", "2", *multi]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rate = float(re.search(r"([\d.]+)k\s*$", printed).group(1)) * 1000
    return rate, size / rate * int(processes), 0


os.makedirs(project)
make_project()
packed = bundle + ".new"
pack = [program, "pack", project, "--unchecked", "-o", packed]
timed(pack, [])
os.replace(packed, bundle)
rest = 20 if size > 10**9 else 0  # seconds in which a virtual disk's host writes down what it took
steps = {
    "sha256": lambda: sha256("1"),
    "dd copy": lambda: timed(["dd", f"if={bundle}", f"of={copy}", "bs=1M", "conv=fsync"], [bundle]),
    "pack": lambda: timed(pack, sources),
    "sha256 x" + threads: lambda: sha256(threads),
    "dd read": lambda: timed(["dd", f"if={bundle}", "of=/dev/null", "bs=1M"], [bundle]),
    "verify": lambda: timed([program, "verify", bundle, "--threads", threads], [bundle]),
}
measured = {name: [] for name in steps}
for round in range(int(runs)):
    order = list(steps)
    if round % 2 == 0:  # what is written last finds the disk's own caches full
        order[1], order[2] = order[2], order[1]
    for name in order:
        if name in ("dd copy", "pack"): time.sleep(rest)
        measured[name].append(steps[name]())
        # Neither writes over the blocks of the one before.
        if name == "dd copy": os.remove(copy)
        if name == "pack": os.replace(packed, bundle)
speed = {name: statistics.median(rate for rate, _, _ in values) for name, values in measured.items()}
cpu = {name: statistics.median(seconds for _, seconds, _ in values) for name, values in measured.items()}
print(f"{size / 1e9:.1f} GB, {cache} cache, median of {runs}")
for name, values in measured.items():
    each = " ".join(f"{rate / 1e6:.0f}" for rate, _, _ in values)
    memory = max(peak for _, _, peak in values)
    print(f"{name:<10} {speed[name] / 1e6:8.0f} MB/s {cpu[name]:7.1f} s of CPU time" +
          (f" {memory / 1e6:5.0f} MB" if memory else "") + f"   ({each})")
for name, hashing, disk in ("pack", "sha256", "dd copy"), ("verify", "sha256 x" + threads, "dd read"):
    print(f"{name}: {100 * speed[name] / min(speed[hashing], speed[disk]):.0f} % of the slower of {hashing} and {disk} "
          f"(90 or more); CPU time {100 * cpu[name] / (cpu[hashing] + cpu[disk]):.0f} % of both")
END
