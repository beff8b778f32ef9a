# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Every figure of a Markdown report must stand in a record: trace_report.py REPORT.md FOLDER RECORD.json...

As trace_figures.py, and what a report derives: means, medians and differences of recorded scores, shares and remainders
of limits, bytes and seconds in larger units. Hashes and sizes may be those of the files below FOLDER. What is counted
in pictures (their white, their mean error) is compared by tests/reports/images_test.cpp.
"""

import hashlib
import json
import pathlib
import re
import statistics
import sys

from trace_figures import half_a_digit, is_number, leaves

UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
WORDS_OF_OURS = {"SHA-256", "UTF-8", "python3"}
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def derived(value):
    """Places in lists, and what a report tells of lists of numbers."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from derived(inner)
    elif isinstance(value, list):
        yield from range(len(value))
        numbers = [inner for inner in value if isinstance(inner, (int, float)) and not isinstance(inner, bool)]
        if numbers:
            yield from (statistics.fmean(numbers), statistics.median_low(numbers))
        for inner in value:
            yield from derived(inner)


def plain(text):
    """Numbers as programs write them; without pictures, escapes and what is counted in pictures."""
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text)
    text = re.sub(r"(?m)^\| [-: |]+\|$", "", text)
    text = re.sub(r"\\([^\w\s])", r"\1", text).replace("<br>", " ").replace("\u2212", "-")
    text = re.sub(r"\u202f?×\u202f?10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", lambda match: "e" + match[1].translate(RAISED), text)
    text = re.sub(r"(mean|평균,?) [\d.]+ %|(white is|흰색은) [\d.e-]+|× ?\d", "", text)
    text = re.sub(r"(?<=\d)\u202f(?=\d{3}(?!\d))", "", text)
    return text.replace("\u202f", " ")


class Records:
    def __init__(self, folder, paths):
        records = [json.loads(pathlib.Path(path).read_text(encoding="utf-8")) for path in paths]
        files = [{"path": str(path.relative_to(folder)), "bytes": path.stat().st_size,
                  "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
                 for path in sorted(pathlib.Path(folder).rglob("*")) if path.is_file()]
        recorded = [leaf for record in records + [files] for leaf in leaves(record)]
        self.joined = "\n".join(recorded)
        self.numbers = {float(leaf) for leaf in recorded if is_number(leaf)}
        self.numbers |= {float(value) for record in records for value in derived(record)}
        self.numbers |= {float(word) for word in re.findall(r"\d+(?:\.\d+)?", self.joined)}
        self.scores = [value for value in self.numbers if 0 < value < 1]

    def near(self, figure, scale=1, among=None):
        wanted, slack = float(figure), half_a_digit(figure)
        return any(abs(wanted - number / scale) <= slack for number in (self.numbers if among is None else among))

    def has_difference(self, figure, scale=1):
        return any(abs(abs(float(figure)) - abs(a - b) / scale) <= half_a_digit(figure) for a in self.numbers for b in self.numbers)

    def has_share(self, percent):
        return any(b and abs(float(percent) - 100 * a / b) <= half_a_digit(percent) for a in self.numbers for b in self.numbers)


def clock_seconds(match):
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return 3600 * hours + 60 * minutes + seconds


def lost_figures(text, records):
    def drop(pattern, holds):
        nonlocal text, count
        found = list(re.finditer(pattern, text))
        count += len(found)
        lost.extend(match[0] for match in found if not holds(match))
        text = re.sub(pattern, " ", text)

    lost, count = [], 0
    number = r"(-?\d+(?:\.\d+)?(?:e-?\d+)?)"
    # A difference is a score's; a remainder a limit's.
    drop(r"(?<![\w.])[+±]" + number, lambda match: records.has_difference(match[1]))
    drop(r"(?<![\w.])(-0\.\d+)", lambda match: records.near(match[1]) or records.has_difference(match[1]))
    drop(number + r" s(?: \([^)]*\))? to spare", lambda match: records.has_difference(match[1]))
    drop(number + r" (bytes|[KMGT]iB) to spare", lambda match: records.has_difference(match[1], UNITS[match[2]]))
    drop(r"여유 " + number + r" (s|bytes|[KMGT]iB)(?!\w)",
         lambda match: records.has_difference(match[1], UNITS.get(match[2], 1)))
    drop(number + r" %", lambda match: records.has_share(match[1]) or records.near(match[1]))
    drop(number + r" (bytes|[KMGT]iB)(?!\w)",
         lambda match: records.near(match[1], UNITS[match[2]]) or match[0] in records.joined)
    drop(r"\((?:(\d+) h )?(\d+) min(?: (\d+) s)?\)",
         lambda match: any(abs(clock_seconds(match) - value) <= (60 if match[1] else 1) for value in records.numbers))
    words = {word.strip(".,:;()`'|*\"") for word in re.split(r"[\s`|]+", text)}
    for word in words:
        for figure in re.findall(r"[A-Za-z0-9_./+*=@%-]*\d[A-Za-z0-9_./+*=@%:-]*", word):
            figure = figure.strip(".:")
            if figure in WORDS_OF_OURS:
                continue
            count += 1
            if is_number(figure) and records.near(figure):
                continue
            if figure not in records.joined and not all(part in records.joined for part in re.split("[=+]+", figure)):
                lost.append(figure)
    return count, lost


def main():
    report, folder, *paths = sys.argv[1:]
    count, lost = lost_figures(plain(pathlib.Path(report).read_text(encoding="utf-8")), Records(folder, paths))
    print(f"{count} figures, {len(lost)} of them in no record", *sorted(set(lost)), sep="\n  ")
    return bool(lost) or not count


sys.exit(main())
