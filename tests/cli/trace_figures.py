# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Every figure of a text must stand in a record: trace_figures.py TEXT RECORD.json...

A figure is a number, or a word with digits. It may be rounded: to the digits that it shows. Prints those that stand
nowhere, and ends in 1.
"""

import json
import re
import sys

WORDS_OF_OURS = {"UTC", "SHA-256", "sha256sum", "*/*.h5"}


def leaves(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from leaves(inner)
    elif isinstance(value, list):
        yield str(len(value))
        for inner in value:
            yield from leaves(inner)
    elif value is not None:
        yield value if isinstance(value, str) else repr(value)


def is_number(text):
    return re.fullmatch(r"-?\d+(\.\d+)?(e[-+]?\d+)?", text) is not None


def half_a_digit(text):
    mantissa, _, exponent = text.partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 0.5000001 * 10 ** (int(exponent or 0) - decimals)


def main():
    text = open(sys.argv[1], encoding="utf-8").read()
    recorded = [leaf for path in sys.argv[2:] for leaf in leaves(json.load(open(path, encoding="utf-8")))]
    numbers = [float(leaf) for leaf in recorded if is_number(leaf)]
    joined = "\n".join(recorded)
    words = {word.strip(".,:;()`'|") for word in re.split(r"[\s`]+", text)}
    # Korean particles follow a figure without a blank.
    figures = {m for word in words for m in re.findall(r"[A-Za-z0-9_./+*=@%-]*\d[A-Za-z0-9_./+*=@%:-]*", word)}
    figures = {figure.strip(".:") for figure in figures} - WORDS_OF_OURS
    lost = []
    for figure in sorted(figures):
        if is_number(figure) and any(abs(float(figure) - number) <= half_a_digit(figure) for number in numbers):
            continue
        if figure in joined or all(part in joined for part in re.split("=+", figure)):
            continue
        lost.append(figure)
    print(f"{len(figures)} figures, {len(lost)} of them in no record", *lost)
    return bool(lost) or not figures


if __name__ == "__main__":
    sys.exit(main())
