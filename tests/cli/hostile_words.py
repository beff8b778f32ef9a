# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Words of strangers in what people read: terminal, report, spreadsheet."""
import json
import os
import shutil

from hostile_case import UNFIT, Run, add, require
from hostile_hdf5 import EDITION, FILE, volumes

WORDS = "</td></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&{project}\x1b[2J\x9b2J\u202e=cmd|'/C calc'!A0"
RECORD = "project/.reconproof/check/check.json"
FIXED = {"schema", "severity", "status", "rule_id", "edition", "ruleset", "cell", "sha256", "metric", "state", "kind"}


def spoil(value, key=""):
    """Every text of a JSON document that is not a word of ours gets WORDS behind it; a plain file name without slashes."""
    if isinstance(value, dict):
        return {name: spoil(member, name) for name, member in value.items()}
    if isinstance(value, list):
        return [spoil(member, key) for member in value]
    words = WORDS.replace("/", "") if key == "volume" else WORDS
    return value + words if isinstance(value, str) and key not in FIXED else value


# What SQLite lays beside a history that is read.
HISTORY = [f"project/.reconproof/runs.sqlite-{end}" for end in ("shm", "wal")]


def report(code, *needles, check=None):
    """A project whose record of the last check is what the function makes of a sound one."""

    def register(function):
        def make(place):
            shutil.copytree("project", os.path.join(place, "project"))
            path = os.path.join(place, RECORD)
            with open(path) as file:
                made = function(json.load(file))
            with open(path, "w") as file:
                file.write(made if isinstance(made, str) else json.dumps(made))

        run = Run(["report", "project", "-o", "report.html"], code, *needles, one_line=code != 0,
                  writes=["report.html", *HISTORY], absent=[] if code == 0 else ["report.html"], check=check)
        add("words", function.__name__, make, [run])
        return function

    return register


def page(result):
    with open("place/report.html", encoding="utf-8") as file:
        return file.read()


def all_escaped(result):
    html = page(result)
    require("&lt;script&gt;alert(1)&lt;/script&gt;" in html, "the words are not shown at all")
    for active in ("<script>alert", "<img src=x", "'&{"):
        require(active not in html, f"the report has {active}")
    require(not UNFIT.search(html.replace("\t", " ")), "the report has control characters")


def short(result):
    require(len(page(result)) < 2 << 20, f"a report of {len(page(result))} bytes")


@report(0, "report.html", check=all_escaped)
def report_of_markup_everywhere(record):
    return spoil(record)


@report(0, "report.html", check=short)
def report_of_texts_of_1_mb(record):
    for finding in record["findings"]:
        finding["message"] = "<" * (1 << 20)
    record["findings"][0]["evidence"] = ["\x1b" * 1000] * 1000
    return record


@report(3, "check.json: ", "nested deeper than 32 levels")
def record_of_depth_100_000(record):
    return '{"schema": ' + "[" * 100_000


@report(3, "check.json: ", "the key 'schema' stands twice in one object")
def record_with_a_key_twice(record):
    return '{"schema": "reconproof.check", ' + json.dumps(record)[1:]


@report(3, "check.json: ", "not JSON")
def record_with_infinity(record):
    record["findings"][0]["measured"] = float("inf")
    return record


def strange_volumes(place):
    """A volume whose name is a formula, among the labels and reconstructions of a final set."""
    volumes(place)
    name = "=cmd|'C calc'!A0 knee\x1b[2J.h5"
    for folder in ("labels/acc8/image", "recon/acc8"):
        shutil.copy(os.path.join(place, folder, "knee_test2.h5"), os.path.join(place, folder, name))


add("words", "formula_in_a_spreadsheet", strange_volumes, [
    Run(["score", *EDITION, "--set", "final", "--csv"], 0, "acc8,'=cmd|'C calc'!A0 knee\\x1b[2J.h5,ssim,0,", one_line=False),
    Run(["score", *EDITION, "--set", "final"], 0, "=cmd|'C calc'!A0 knee\\x1b[2J.h5", one_line=False)])


def strange_extra_files(place):
    volumes(place)
    for name in ("\x1b[2J\x1b[1;1HFinal score 1.0000.h5", "a\npass values.finite.h5", "\u202e5h.a.h5"):
        with open(os.path.join(place, os.path.dirname(FILE), name), "w"):
            pass


SHOWN = ["\\x1b[2J\\x1b[1;1HFinal score 1.0000.h5", "a\\npass values.finite.h5", "\\xe2\\x80\\xae5h.a.h5"]
add("words", "file_names_in_findings", strange_extra_files, [
    Run(["score", *EDITION], 1, f"recon/acc8/{name}: not a volume of the leaderboard", one_line=False) for name in SHOWN])
