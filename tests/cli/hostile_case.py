# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""What a hostile case is, and the list of them all: the other hostile_*.py add theirs by `case`."""
import os
import re
import subprocess
import threading

# A child that shares our memory until it becomes the program would be charged with what we held at most.
subprocess._USE_VFORK = False

MAX_SECONDS = 10  # of a processor, so that other programs beside it do not count
MAX_WALL_SECONDS = 300  # then it hangs
MAX_BYTES = 512 << 20  # peak of any process
MAX_LINE = 6000  # the longest name of an archive, each byte as \x1b, and what is said of it
MAX_OUTPUT = 256 << 10
CASES = []


class Case:
    """`make(place)` writes the hostile input into the folder `place`; `runs` are what must refuse it."""

    def __init__(self, group, name, make, runs, slow=False, option=None):
        self.group, self.name, self.make, self.runs, self.slow, self.option = group, name, make, runs, slow, option


class Run:
    """Arguments of reconproof; its exit code; texts that must stand together in one line that it prints."""

    def __init__(self, arguments, code, *needles, one_line=True, lines_of=None, absent=(), writes=(), check=None):
        self.arguments, self.code, self.needles = list(arguments), code, needles
        self.one_line = one_line  # nothing but one line on stderr
        self.lines_of = lines_of  # a function of Result, for needles in what is not printed line by line
        self.absent = absent  # files that may not be there afterwards
        self.writes = writes  # the only ones that may change
        self.check = check  # a function of Result, for what else must hold


class Result:
    def __init__(self, code, out, err, seconds, peak):
        self.code, self.out, self.err, self.seconds, self.peak = code, out, err, seconds, peak


def add(group, name, make, runs, **options):
    name = name.replace("_", "-")
    assert all((case.group, case.name) != (group, name) for case in CASES), name
    CASES.append(Case(group, name, make, runs, **options))


class Failure(Exception):
    pass


def require(holds, message):
    if not holds:
        raise Failure(message)


class Watcher(threading.Thread):
    """Of every process of a session: peak memory, which the kernel keeps for each (VmHWM), and processor time."""

    def __init__(self, session):
        super().__init__(daemon=True)
        self.session, self.peak, self.ticks, self.done = session, 0, {}, threading.Event()
        self.start()

    def run(self):
        while not self.done.wait(0.02):
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    with open(f"/proc/{pid}/stat") as stat:
                        fields = stat.read().rpartition(")")[2].split()
                    if int(fields[3]) != self.session:
                        continue
                    self.ticks[pid] = int(fields[11]) + int(fields[12])
                    with open(f"/proc/{pid}/status") as status:
                        found = re.search(r"VmHWM:\s*(\d+) kB", status.read())
                    self.peak = max(self.peak, int(found.group(1)) << 10 if found else 0)
                except (OSError, ValueError):
                    pass

    def stop(self):
        """Bytes and seconds."""
        self.done.set()
        self.join()
        return self.peak, sum(self.ticks.values()) / os.sysconf("SC_CLK_TCK")


def execute(program, arguments, folder, environment):
    """Runs the program in a session of its own; its own memory and time are the kernel's, those of its helpers sampled."""
    out, err = os.path.join(folder, "..", "stdout"), os.path.join(folder, "..", "stderr")
    with open(out, "wb") as stdout, open(err, "wb") as stderr:
        process = subprocess.Popen(
            [program, *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
            start_new_session=True,
        )
        watcher = Watcher(process.pid)
        timer = threading.Timer(MAX_WALL_SECONDS, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        peak, seconds = watcher.stop()
        peak = max(peak, usage.ru_maxrss << 10)
        seconds = max(seconds, usage.ru_utime + usage.ru_stime)
        process.returncode = os.waitstatus_to_exitcode(status)
    with open(out, "rb") as stdout, open(err, "rb") as stderr:
        return Result(process.returncode, stdout.read(), stderr.read(), seconds, peak)


# Control characters, C1 controls and what reverses the direction of text.
UNFIT = re.compile("[\x00-\x09\x0b-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069]")


def judge(run, result, folder):
    """Throws Failure where a run did not refuse its input as it should."""
    try:
        text = (result.out + result.err).decode()
    except UnicodeDecodeError as error:
        raise Failure(f"output that is no UTF-8: {error}")
    require(result.code >= 0, f"ended by signal {-result.code}")
    require(result.code == run.code, f"exit {result.code}, expected {run.code}: {text[:600]}")
    require(not UNFIT.search(text), f"output that is no plain text: {text[:600]!r}")
    require(len(text) <= MAX_OUTPUT, f"{len(text)} bytes of output")
    lines = text.splitlines()
    longest = max(map(len, lines), default=0)
    require(longest <= MAX_LINE, f"a line of {longest} characters: {max(lines, key=len, default='')[:300]}")
    if run.needles:
        searched = run.lines_of(result) if run.lines_of else lines
        require(any(all(needle in line for needle in run.needles) for line in searched),
                f"no line with all of {run.needles}: {text[:1200]}")
    if run.one_line:
        require(not result.out and len(lines) == 1, f"not one line on stderr: {text[:1200]}")
    for name in run.absent:
        require(not os.path.lexists(os.path.join(folder, name)), f"{name} was written")
    require(result.seconds < MAX_SECONDS, f"{result.seconds:.1f} s")
    require(result.peak < MAX_BYTES, f"{result.peak >> 20} MiB of memory")
    if run.check:
        run.check(result)
