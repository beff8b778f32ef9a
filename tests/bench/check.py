# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""`make bench-check`: the ratios of `make bench` beside the stored ones: check.py BENCH RATIOS.json [--store].

Fails where a ratio is more than a tenth below the stored one, or below its least. Other programs on the machine slow down
a run, never speed it up: what falls short is measured again, up to three times, and the best counts. --store puts what is
measured here in the place of what is stored."""
import json
import re
import subprocess
import sys
import tempfile

bench, stored_path = sys.argv[1:3]
FALL, TRIES = 0.1, 3


def name_of(run):
    return re.sub(r"/(manual_time|iterations:\d+)", "", run["name"])


def measured(names):
    """Ratio, or why there is none, by name."""
    pattern = "^(" + "|".join(map(re.escape, names)) + ")(/|$)"
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run([bench, f"--benchmark_filter={pattern}", f"--benchmark_out={out.name}",
                        "--benchmark_out_format=json"], check=True, stdout=sys.stderr)
        runs = json.load(open(out.name))["benchmarks"]
    return {name_of(run): {"ratio": run.get("ratio"), "ms": run.get("ms"), "error": run.get("error_message")} for run in runs}


def short(entry, found):
    """Why what was found is too little; None where it is enough."""
    if found["ratio"] < (1 - FALL) * entry["ratio"]:
        return f"more than {FALL:.0%} below {entry['ratio']:.3g}"
    if found["ratio"] < entry.get("least", 0):
        return f"below the least, {entry['least']:.3g}"
    if found["ms"] is not None and found["ms"] > entry.get("most_ms", 1e9):
        return f"{found['ms']:.1f} ms, more than {entry['most_ms']} ms"
    return None


def main():
    with open(stored_path) as file:
        stored = json.load(file)
    best, left = {}, list(stored["ratios"])
    for _ in range(TRIES):
        for name, found in measured(left).items():
            old = best.setdefault(name, found)
            if found["ratio"] is not None:
                old["ratio"] = max(found["ratio"], old["ratio"] or 0)
            if found["ms"] is not None:
                old["ms"] = min(found["ms"], old["ms"])
        if "--store" not in sys.argv:
            left = [name for name in left if best.get(name, {}).get("ratio") and short(stored["ratios"][name], best[name])]
        if not left:
            break
    failed = False
    for name, entry in stored["ratios"].items():
        found = best.get(name)
        if found is None or found["ratio"] is None:
            # What needs the official code is left out where that is not at hand; anything else has to be there.
            optional = found is not None and "SNU" in (found["error"] or "")
            failed |= not optional
            print(f"{'left out' if optional else 'FAIL':<9} {name:<32} {found['error'] if found else 'no such benchmark'}")
            continue
        why = short(entry, found)
        failed |= why is not None
        print(f"{'FAIL' if why else 'ok':<9} {name:<32} {found['ratio']:.3g} (stored {entry['ratio']:.3g}){': ' + why if why else ''}")
        if "--store" in sys.argv:
            entry["ratio"] = round(found["ratio"], 3)
    if "--store" in sys.argv:
        with open(stored_path, "w") as file:
            json.dump(stored, file, indent=2)
            file.write("\n")
        return 0
    return 1 if failed else 0


sys.exit(main())
