# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# An attack string in every text of a submission that a report shows (report_attacks.py), in all formats; and that
# the checker itself notices one that is no text.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-/usr/bin/python3}
attacks() { "$python" "$here/report_attacks.py" "$@" || fail "report_attacks.py $1"; }
: >"$work/stdout" >"$work/stderr"

word() { attacks words | "$python" -c "import json, sys; sys.stdout.write(json.load(sys.stdin)[$1])"; }
"$python" "$here/../browser/sample_project.py" "$program" "$work/team" --slices 2 --volumes 1 --name "$(word 0)" \
  --label "$(word 1)" >/dev/null
attacks spoil "$work/team/code"
# The history: a command that fails, its log, and a note.
cd "$work/team/code"
expect 1 run -- sh -c 'echo "$0" >&2; exit 1' "$(word 2)"
id=$("$program" runs list --json | sed -n 's/.*"id": "\([^"]*\)".*/\1/p' | head -n 1)
expect 0 runs note "$id" --lesson "$(word 3)"
cd "$work"

formats=html,md
if command -v pandoc >/dev/null && command -v rsvg-convert >/dev/null; then formats=html,md,pptx; fi
expect 0 report team/code --format "$formats" --lang en,ko -o report
attacks html report.html report.ko.html
# The program's own lines on a terminal stay its own.
! grep -q "$(printf '\033')" report.html report.md report.ko.md || fail "an escape sequence came through"

# A report in which one word is markup.
sed 's/A10Z &lt;img/A10Z <img/' report.html >spoilt.html
! "$python" "$here/report_attacks.py" html spoilt.html 2>/dev/null || fail "the check of HTML notices nothing"

if [ "$formats" = html,md ]; then
  echo "note: no pandoc here; Markdown is not parsed, slides are not made"
  exit 0
fi
attacks md report.md report.ko.md
attacks pptx report.pptx report.ko.pptx
mkdir spoilt && sed 's/\\\[l\\\](http/[l](http/' report.md >spoilt.md
! "$python" "$here/report_attacks.py" md spoilt.md >/dev/null 2>&1 || fail "the check of Markdown notices nothing"
