# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The report command on a checked project: exit codes, and an old report that survives a fault.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
project=$work/team/code
report=$work/out.html

team ok
expect 3 report "$project" -o "$report"
stderr_has 'run `reconproof check` first'
[ ! -e "$report" ] || fail "wrote a report of nothing"

expect 6 check "$project"
expect 0 report "$project" -o "$report"
stdout_has "$report"
for text in '<!DOCTYPE html>' 'Reconstruction of brain_test1.h5' 'time.official-gpu' 'Not judged' 'There is no ledger.jsonl'; do
  grep -qF -- "$text" "$report" || fail "the report lacks: $text"
done
for text in 'src="http' 'href="http' 'href="//'; do
  ! grep -qF -- "$text" "$report" || fail "the report has: $text"
done
cp "$report" "$work/first.html"
expect 0 report "$project" -o "$report" --json
stdout_has '"schema": "reconproof.report"'
cmp -s "$report" "$work/first.html" || fail "the same check gave another report"

expect 0 report "$project" -o "$report" --compare "$project/.reconproof/check/recon"
grep -qF 'Flicker: Other run' "$report" || fail "the other run is not there"
cp "$work/first.html" "$report"
expect 3 report "$project" -o "$report" --compare "$work/nowhere"
stderr_has "nowhere: no folder of another run's reconstructions"

# The default place is the current folder.
expect 0 report "$project"
cmp -s "$work/report.html" "$work/first.html" || fail "no report.html in the current folder"

# Every format and language from one check, twice the same bytes, and every figure is in a record.
formats=html,md
if command -v pandoc >/dev/null && command -v rsvg-convert >/dev/null; then formats=html,md,pptx; fi
cp -r "$project/.reconproof/check/recon" "$work/made"
"$program" version --json >"$work/version.json"
"$program" rules list --json --edition snu-2025 >"$work/rules.json"
expect 0 report "$project" --format "$formats" --lang en,ko -o "$work/all/team" --json
cp "$work/stdout" "$work/files.json"
for file in team.html team.md team.ko.html team.ko.md team_files team.ko_files; do
  [ -e "$work/all/$file" ] || fail "no $file"
done
cmp -s "$work/all/team.html" "$work/first.html" || fail "beside other formats the HTML is another"
cp -r "$work/all" "$work/again"
expect 0 report "$project" --format "$formats" --lang en,ko -o "$work/all/team" --json
cmp -s "$work/stdout" "$work/files.json" || fail "the same check gave other files"
diff -r "$work/all" "$work/again" || fail "the same check gave other files"
(cd "$work/all" && sed -n 's/.*"path": "\(.*\)",/\1/p; s/.*"sha256": "\(.*\)",/\1/p' "$work/files.json" |
  sed -n 'N;s/\(.*\)\n\(.*\)/\2  \1/p;' | head -n 4 | sha256sum --quiet -c -) || fail "a SHA-256 of --json is wrong"
if /usr/bin/python3 -c 'import json' 2>/dev/null; then
  trace() {
    /usr/bin/python3 "$here/trace_report.py" "$1" "$work/made" "$project/.reconproof/check/check.json" \
      "$work/version.json" "$work/rules.json" >"$work/stdout"
  }
  for file in team.md team.ko.md; do trace "$work/all/$file" || fail "figures of $file are in no record"; done
  { cat "$work/all/team.md" && echo 'It took 777.7 s.'; } >"$work/invented.md"
  ! trace "$work/invented.md" || fail "the tracing of figures notices nothing"
fi

# The folder of figures is the report's alone.
echo mine >"$work/all/team_files/notes.txt"
expect 2 report "$project" --format md -o "$work/all/team"
stderr_has "team_files: holds notes.txt, which is no figure of a report"
rm "$work/all/team_files/notes.txt"

# What does not go together, and programs that are not here; nothing is written then.
rm -rf "$work/all"
expect 2 report "$project" --format html,md -o "$work/all/team.html"
stderr_has "give a name without an ending, such as team"
expect 2 report "$project" --format md -o "$work/all/team.html"
expect 2 report "$project" --format docx -o "$work/all/team"
stderr_has "expected one or more of html,md,pptx,pdf"
expect 2 report "$project" --format md,md -o "$work/all/team"
stderr_has "names 'md' twice"
expect 2 report "$project" --date yesterday -o "$work/all/team"
stderr_has "expected one such as 2026-08-31"
expect 2 report "$project" --public-key "ed25519:$(head -c 32 /dev/zero | base64)" -o "$work/all/team"
stderr_has "--public-key is for a bundle"
real_path=$PATH
PATH=/nowhere
expect 2 report "$project" --format html,pptx -o "$work/all/team"
PATH=$real_path
stderr_has "apt-get install pandoc librsvg2-bin"
PATH=/nowhere
expect 2 report "$project" --format html,pdf -o "$work/all/team"
PATH=$real_path
stderr_has "choose Print, Save as PDF"
[ ! -e "$work/all" ] || fail "something was written after a fault"
if [ "$formats" = html,md,pptx ]; then
  expect 3 report "$project" --format pptx --slide-master "$work/nowhere.pptx" -o "$work/all/team"
  stderr_has "nowhere.pptx"
  echo 'no slides' >"$work/master.pptx"
  expect 3 report "$project" --format html,pptx --slide-master "$work/master.pptx" -o "$work/all/team"
  stderr_has "master.pptx: cannot be the slides' master"
  # A master of a PowerPoint that speaks Korean serves; one without a layout for contents does not.
  pandoc -o "$work/reference.pptx" --print-default-data-file reference.pptx
  for form in korean bare; do
    /usr/bin/python3 - "$work/reference.pptx" "$work/$form.pptx" $form <<'EOF'
import sys, zipfile
given, made, form = sys.argv[1:]
names = {"korean": {"Title Slide": "제목 슬라이드", "Title and Content": "제목 및 내용"}, "bare": {"Title and Content": "Other"}}
with zipfile.ZipFile(given) as old, zipfile.ZipFile(made, "w") as new:
    for part in old.namelist():
        text = old.read(part)
        for name, other in names[form].items():
            text = text.replace(f'<p:cSld name="{name}"'.encode(), f'<p:cSld name="{other}"'.encode())
        if form == "bare":
            text = text.replace(b' type="obj"', b"")
        new.writestr(part, text)
EOF
  done
  expect 3 report "$project" --format pptx --slide-master "$work/bare.pptx" -o "$work/all/team"
  stderr_has "bare.pptx: cannot be the slides' master: it has no layout 'Title and Content'"
  [ ! -e "$work/all" ] || fail "something was written without its slides"
  expect 0 report "$project" --format pptx --slide-master "$work/korean.pptx" -o "$work/korean/team.pptx"
  /usr/bin/python3 -c 'import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' \
    "$work/korean/team.pptx" ppt/slides/_rels/slide2.xml.rels | grep -q slideLayout2.xml ||
    fail "a slide has another layout than the master's second"
  [ ! -e "$work/all" ] || fail "something was written without its slides"
fi

# A bundle's report, with a stated day.
mkdir -p "$work/team/result/recon" && cp -r "$work/made/." "$work/team/result/recon"
"$program" pack "$project" -o "$work/team.tar" --unchecked >"$work/stdout" 2>"$work/stderr" || fail "no bundle"
SOURCE_DATE_EPOCH=1785542400 "$program" report "$work/team.tar" -o "$work/bundle.md" >/dev/null || fail "no report of a bundle"
grep -q '2026-08-01' "$work/bundle.md" || fail "the stated day is not in the report"
expect 3 report "$work/nowhere.tar" -o "$work/bundle.md"

expect 2 report "$project" --nonsense
stderr_has "reconproof report --help"
expect 2 report "$project" --lang xx -o "$report"
stderr_has "this version knows: en"
expect 0 report --help
stdout_has "reconproof report [PROJECT|BUNDLE.tar]"

echo '{"schema": "reconproof.check"' >"$project/.reconproof/check/check.json"
expect 3 report "$project" -o "$report"
stderr_has "check.json: not JSON"
cmp -s "$report" "$work/first.html" || fail "a malformed check touched the old report"
