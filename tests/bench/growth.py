# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""How the engine's time and memory grow: growth.py RECONPROOF-BASELINE [--figure FILE.svg] [--slices 3] [--json FILE].

One size after the other is doubled a few times while the rest stay; each line of points on log-log axes has a slope, the
exponent. One thread. Memory is the whole process's, less what it takes with the least network and image there is: the
libraries."""
import argparse
import json
import math
import shutil
import tempfile

import numpy as np

from leaderboard import write_volume, write_weights
from measured import run

BASE = {"coils": 8, "rows": 384, "columns": 320, "cascades": 1, "chans": 9}
# What is doubled, from which value on, how often.
SWEEPS = {
    "coils": [{"coils": n} for n in (2, 4, 8, 16, 32)],
    "pixels": [{"rows": 12 * n, "columns": 10 * n} for n in (16, 22, 32, 46, 64, 90)],
    "cascades": [{"cascades": n} for n in (1, 2, 4, 8)],
    "chans": [{"chans": n} for n in (8, 16, 32, 64)],
}
MEASURES = {"coils": lambda s: s["coils"], "pixels": lambda s: s["rows"] * s["columns"],
            "cascades": lambda s: s["cascades"], "chans": lambda s: s["chans"]}
COLOURS = {"coils": "#1f77b4", "pixels": "#d62728", "cascades": "#2ca02c", "chans": "#9467bd", "volumes": "#8c564b"}


def pace(program, sizes, training, slices):
    command = [program, "pace", "--json", "--backend", "engine", "--threads", "1", "--slices", str(slices), "--shape",
               f"{sizes['coils']}x{sizes['rows']}x{sizes['columns']}", "--cascades", str(sizes["cascades"]), "--chans",
               str(sizes["chans"])] + (["--training"] if training else [])
    printed, peak_mb = run(command)
    return json.loads(printed)["least_ms"], peak_mb


def sweep(program, name, training, slices, libraries_mb):
    points = []
    for change in SWEEPS[name]:
        sizes = {**BASE, **change}
        ms, mb = pace(program, sizes, training, slices)
        points.append({"x": MEASURES[name](sizes), "ms": ms, "mb": mb - libraries_mb})
    return points


def volumes(program, libraries_mb):
    """Whole runs of reconstruct, reading and writing included."""
    shape, slices, points = (BASE["coils"], BASE["rows"], BASE["columns"]), 4, []
    with tempfile.TemporaryDirectory() as work:
        weights = write_weights(program, work)
        for count in (1, 2, 4, 8):
            for cell in "acc4", "acc8":
                for number in range(count):
                    write_volume(f"{work}/leaderboard/{cell}/kspace/brain_test{number}.h5", shape, slices)
            printed, mb = run([program, "reconstruct", "--weights", weights, "--data", f"{work}/leaderboard", "--out",
                               f"{work}/out", "--threads", "1"])
            seconds = float(printed.split("\n")[1].split()[2]) * 2 * slices * count
            points.append({"x": 2 * count, "ms": 1e3 * seconds, "mb": mb - libraries_mb})
            shutil.rmtree(f"{work}/out")
    return points


def exponent(points, key):
    """The slope of the least squares' line through the logarithms."""
    x, y = ([math.log(point[name]) for point in points] for name in ("x", key))
    return float(np.polyfit(x, y, 1)[0])


def panel(series, key, title, left):
    """One square of the figure: every line begins at (1, 1)."""
    size, top = 300, 60
    spans = [(point["x"] / points[0]["x"], point[key] / points[0][key]) for points in series.values() for point in points]
    most = 2 ** math.ceil(math.log2(max(max(pair) for pair in spans)))
    place = lambda x, y: (left + size * math.log(x) / math.log(most), top + size * (1 - math.log(max(y, 0.5)) / math.log(most)))
    lines = [f'<text x="{left}" y="{top - 16}" class="t">{title}</text>',
             f'<rect x="{left}" y="{top}" width="{size}" height="{size}" fill="none" stroke="#999"/>']
    tick = 1
    while tick <= most:
        x, y = place(tick, tick)
        lines.append(f'<path d="M{x:.1f} {top}V{top + size}M{left} {y:.1f}H{left + size}" stroke="#999" stroke-opacity=".25"/>')
        lines.append(f'<text x="{x:.1f}" y="{top + size + 15}" class="s" text-anchor="middle">{tick}</text>')
        lines.append(f'<text x="{left - 5}" y="{y + 4:.1f}" class="s" text-anchor="end">{tick}</text>')
        tick *= 2 if most <= 64 else 4
    lines.append(f'<text x="{left + size / 2}" y="{top + size + 32}" class="s" text-anchor="middle">times the least size</text>')
    for row, (name, points) in enumerate(series.items()):
        places = [place(point["x"] / points[0]["x"], point[key] / points[0][key]) for point in points]
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        colour = COLOURS[name]
        lines.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        lines.append(f'<text x="{left + 10}" y="{top + 20 + 16 * row}" class="s" style="fill:{colour}">'
                     f'{name}: exponent {exponent(points, key):.2f}</text>')
    return lines


def figure(results):
    lines = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1440 420" font-family="sans-serif">',
             '<style>.t{font-size:14px;font-weight:bold;fill:#888}.s{font-size:11px;fill:#888}</style>']
    left = 50
    for what, series in results.items():
        for key, title in ("ms", "time"), ("mb", "memory beyond the libraries"):
            lines += panel(series, key, f"{what}: {title}", left)
            left += 355
    return "\n".join(lines + ["</svg>"]) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--figure")
    parser.add_argument("--json")
    parser.add_argument("--slices", type=int, default=3)
    a = parser.parse_args()
    least = {"coils": 1, "rows": 32, "columns": 32, "cascades": 1, "chans": 1}
    results = {}
    for what in "inference", "training":
        libraries_mb = pace(a.program, least, what == "training", 1)[1]
        results[what] = {name: sweep(a.program, name, what == "training", a.slices, libraries_mb) for name in SWEEPS}
        if what == "inference":
            results[what]["volumes"] = volumes(a.program, libraries_mb)
    print("| | what grows | from, to | ms | MB beyond the libraries | exponent of time | of memory |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for what, series in results.items():
        for name, points in series.items():
            first, last = points[0], points[-1]
            print(f"| {what} | {name} | {first['x']}, {last['x']} | {first['ms']:.0f}, {last['ms']:.0f} | "
                  f"{first['mb']:.0f}, {last['mb']:.0f} | {exponent(points, 'ms'):.2f} | {exponent(points, 'mb'):.2f} |")
    if a.figure:
        with open(a.figure, "w") as file:
            file.write(figure(results))
    if a.json:
        with open(a.json, "w") as file:
            json.dump(results, file, indent=1)


main()
