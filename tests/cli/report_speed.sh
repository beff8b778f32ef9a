# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The report of a whole leaderboard, 2 x 58 volumes of 16 slices, in every format: under 20 s and 300 MB each.
# Two volumes of each cell are real files, the others further names of theirs.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
python=/usr/bin/python3
: >"$work/stdout" >"$work/stderr"
"$python" "$here/../browser/sample_project.py" "$program" "$work/team" --edition snu-2023 --volumes 2 --slices 16 >/dev/null
for cell in acc4 acc8; do
  for folder in Data/leaderboard/$cell/image code/.reconproof/check/recon/$cell zero_filled/$cell; do
    for number in $(seq 3 58); do
      ln "$work/team/$folder/brain_test$((number % 2 + 1)).h5" "$work/team/$folder/brain_test$number.h5"
    done
  done
done
"$python" - "$program" "$work/team" <<'EOF'
import json, pathlib, subprocess, sys
program, team = sys.argv[1], pathlib.Path(sys.argv[2])
path = team / "code/.reconproof/check/check.json"
check = json.loads(path.read_text())
for key, folder in (("score", "code/.reconproof/check/recon"), ("zero_filled", "zero_filled")):
    command = [program, "score", "--edition", check["edition"], "--labels", team / "Data/leaderboard", "--recon", team / folder,
               "--json", "--set", "final"]
    check[key] = json.loads(subprocess.run(command, stdout=subprocess.PIPE).stdout)
assert len(check["score"]["volumes"]) == 116, len(check["score"]["volumes"])
path.write_text(json.dumps(check))
EOF
formats="html md"
if command -v pandoc >/dev/null && command -v rsvg-convert >/dev/null; then formats="html md pptx"; fi
for format in $formats; do
  "$python" - "$program" report "$work/team/code" -o "$work/report.$format" <<'EOF' || fail "$format"
import resource, subprocess, sys, time
begun = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
took, used = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
busy, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3
print(f"{sys.argv[-1].rpartition('.')[2]}: {took:.1f} s, {busy:.1f} s of the processor, {peak:.0f} MB")
sys.exit(busy > 20 or peak > 300)  # what else the machine does is not the report's
EOF
done
[ "$(stat -c %s "$work/report.html")" -lt 15000000 ] || fail "the HTML report is larger than 15 MB"
