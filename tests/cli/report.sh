# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The report command on a checked project: exit codes, and an old report that survives a fault.
. "$(dirname "$0")/lib.sh"
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

expect 2 report "$project" --nonsense
stderr_has "reconproof report --help"
expect 2 report "$project" --lang xx -o "$report"
stderr_has "this version knows: en"
expect 0 report --help
stdout_has "reconproof report [PROJECT]"

echo '{"schema": "reconproof.check"' >"$project/.reconproof/check/check.json"
expect 3 report "$project" -o "$report"
stderr_has "check.json: not JSON"
cmp -s "$report" "$work/first.html" || fail "a malformed check touched the old report"
