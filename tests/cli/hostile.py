# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Hands hostile files to the real program: python3 hostile.py RECONPROOF FOLDER [--slow] [NAME...]

FOLDER holds what hostile.sh made there: bundle.tar, labels/, recon/, project/. Each case must be refused with its exit code and one
plain line that names file and place, in bounded time and memory, and must leave nothing behind, here or elsewhere.
`--list` prints the list of all cases instead, which is hostile.md.
"""
import hashlib
import os
import shutil
import stat
import subprocess
import sys
import traceback

import hostile_bag
import hostile_bagit  # noqa: F401: each adds its cases
import hostile_dsse  # noqa: F401
import hostile_folder  # noqa: F401
import hostile_hdf5  # noqa: F401
import hostile_json  # noqa: F401
import hostile_tar  # noqa: F401
import hostile_words  # noqa: F401
import hostile_weights  # noqa: F401
from hostile_case import CASES, Failure, execute, judge, require

LEAST_CASES = 60


def list_of_cases():
    """hostile.md"""
    lines = ["# Hostile files", "", "Printed by `python3 tests/cli/hostile.py --list`; `cli.hostile` holds it to what is run."]
    for group in dict.fromkeys(case.group for case in CASES):
        lines += ["", f"## {group}", "", "| case | exit | message |", "| --- | --- | --- |"]
        for case in CASES:
            if case.group == group:
                run = next(iter(case.runs))
                message = " ... ".join(run.needles).replace("|", "\\|")
                lines.append(f"| {case.name}{' (slow)' if case.slow else ''} | {run.code} | {message} |")
    return "\n".join(lines) + "\n"


def state(folder, skip):
    """Everything below a folder; contents of what is small."""
    found = {}
    for parent, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(parent, name)
            status = os.lstat(path)
            content = ""
            if os.path.islink(path):
                content = os.readlink(path)
            elif stat.S_ISREG(status.st_mode) and status.st_size < 1 << 16:
                with open(path, "rb") as file:
                    content = hashlib.sha256(file.read()).hexdigest()
            if path not in skip:
                found[path] = (status.st_mode, status.st_ino, status.st_nlink, status.st_size, content)
    return found


def option_known(program, option):
    command, word = option
    return word in subprocess.run([program, command, "--help"], capture_output=True, text=True).stdout


def make_input(case):
    """In a process of its own, whose memory is given back."""
    shutil.rmtree("place", ignore_errors=True)
    os.mkdir("place")
    child = os.fork()
    if child == 0:
        try:
            case.make("place")
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    require(os.waitpid(child, 0)[1] == 0, "the input could not be made")


def run_case(program, case, environment):
    """The slowest run, the largest peak, the exit codes."""
    make_input(case)
    slowest, peak, codes = 0, 0, []
    for run in case.runs:
        free = {"./stdout", "./stderr", *(os.path.join("./place", name) for name in run.writes)}
        before = state(".", free)
        result = execute(program, run.arguments, "place", environment)
        slowest, peak = max(slowest, result.seconds), max(peak, result.peak)
        codes.append(str(result.code))
        try:
            judge(run, result, "place")
            after = state(".", free)
            changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
            require(not changed, f"written or changed: {changed[:5]}")
        except Failure as failure:
            raise Failure(f"reconproof {' '.join(run.arguments)}: {failure}")
    return slowest, peak, codes


def clean_environment():
    """No setting of this machine's, and folders that are looked through afterwards."""
    for name in ("home", "tmp"):
        os.makedirs(name, exist_ok=True)
    home = os.path.abspath("home")
    return {"PATH": "/usr/bin:/bin", "HOME": home, "XDG_STATE_HOME": home, "XDG_CONFIG_HOME": home, "LC_ALL": "C",
            "TMPDIR": os.path.abspath("tmp")}


def chosen_cases(words, program):
    slow, names = "--slow" in words, [word for word in words if not word.startswith("--")]
    for case in CASES:
        wanted = case.name in names or case.group in names if names else case.slow == slow
        if wanted and case.option and not option_known(program, case.option):
            print(f"skip: {case.group} {case.name}: no `reconproof {' '.join(case.option)}` yet")
        elif wanted:
            yield case


def main():
    if sys.argv[1:] == ["--list"]:
        sys.stdout.write(list_of_cases())
        return 0
    program, folder, words = sys.argv[1], sys.argv[2], sys.argv[3:]
    require(len(CASES) >= LEAST_CASES, f"only {len(CASES)} cases")
    os.chdir(folder)
    os.makedirs("canary", exist_ok=True)
    with open("canary/secret", "w") as secret:
        secret.write("not for bundles\n")
    hostile_bag.load("bundle.tar")
    hostile_bag.extracts = option_known(program, ["extract", "--to"])
    environment = clean_environment()
    failed = []
    print(f"{'case':<52} {'exit':<8} {'s':>6} {'MiB':>5}")
    ran = 0
    for case in chosen_cases(words, program):
        ran += 1
        try:
            seconds, peak, codes = run_case(program, case, environment)
            print(f"{case.group + ' ' + case.name:<52} {' '.join(codes):<8} {seconds:>6.2f} {peak >> 20:>5}")
        except Failure as failure:
            failed.append(case.name)
            print(f"{case.group} {case.name}: FAILED: {failure}")
        sys.stdout.flush()
    print(f"{ran} hostile cases, {len(failed)} answered wrongly{': ' if failed else ''}{', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
