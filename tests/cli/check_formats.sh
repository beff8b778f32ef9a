# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# What check writes for CI servers, what --only and --skip leave out, and its exit codes.
. "$(dirname "$0")/lib.sh"

results=$work/team/code/.reconproof/check
check() {
  wanted_code=$1
  shift
  expect "$wanted_code" check "$work/team/code" "$@"
}
# xpath EXPRESSION: of check.xml, which is what CI servers read.
xpath() { xmllint --xpath "$1" "$results/check.xml" 2>/dev/null; }
xpath_is() { [ "$(xpath "$1")" = "$2" ] || fail "check.xml: $1 is '$(xpath "$1")', expected $2"; }
json_has() { grep -qF -- "$2" "$results/$1" || fail "$1 lacks: $2"; }

team nan; check 1
xmllint --noout --relaxng "$data/junit.rng" "$results/check.xml" 2>"$work/stderr" || fail "check.xml is not valid"
rules=$("$program" rules list --edition snu-2025 --json | grep -c '"remediation_ko"')
xpath_is 'count(//testcase)' "$rules"
# This command spoils the first volume of one folder: by chance the renamed run differs, too.
failures=$(grep -c '^  FAIL ' "$work/stdout")
xpath_is 'string(/testsuites/@failures)' "$failures"
xpath_is 'count(//failure)' "$failures"
xpath_is 'string(//testcase[failure][1]/@name)' values.finite
xpath_is 'string(//testcase[@name="inputs.folders"]/@status)' fail
xpath_is 'string(//property[@name="exit_code"]/@value)' 1
xpath '//testcase[@name="values.finite"]/failure/text()' | grep -q 'slice 0 holds NaN' || fail "no evidence"
json_has check.sarif '"version": "2.1.0"'
json_has check.sarif '"exitCode": 1'
json_has check.sarif '"uri": ".reconproof/check/recon/acc4/brain_test1.h5"'
json_has check.json '"only": []'

# What the command prints stays text.
team ok
sed -i "s|^command = .*|command = [\"sh\", \"-c\", \"printf ']]></failure>\\\\\\\\033[1m<b>\\\\\\\\000\\\\\\\\377'; exit 3\"]|" \
  "$work/team/code/reconproof.toml"
check 1
xmllint --noout --relaxng "$data/junit.rng" "$results/check.xml" 2>"$work/stderr" || fail "check.xml is not valid"
xpath_is 'string(//testcase[@name="run.completes"]/@status)' fail
json_has check.sarif ']]></failure>\\x1b[1m<b>\\x00\\xff'

# A fail stays a fail, whatever is left out.
team nan; check 1 --skip values.finite
stdout_has "FAIL          values.finite"
check 1 --only values.
stdout_has "FAIL          values.finite"
stdout_has "inconclusive  time.total            not judged: left out by --only or --skip"
stdout_lacks "What to do: Run this check on the challenge server"
json_has check.json '"values."'
json_has check.sarif '"enabled": false'

# What no chosen rule needs is not done, and never a pass.
check 6 --only data.overlap
stdout_has "pass          data.overlap"
stdout_has "$((rules - 1)) inconclusive, 1 pass: exit 6"
json_has check.json '"run": null'
json_has check.json '"score": null'
xpath_is 'string(//property[@name="only"]/@value)' data.overlap
xpath_is 'string(/testsuites/@failures)' 0
expect 0 report "$work/team/code" -o "$work/report.html"
team random; check 6 --skip repeat.,isolation.,inputs. --skip time.
stdout_has "inconclusive  repeat.equal          not judged: left out"
check 1 --only repeat.equal

for wrong in "--only tim" "--skip time.totle" "--only time.total," "--only time. --skip time."; do
  check 2 $wrong
  stderr_is_one_line
done
check 2 --only time
stderr_has "it has layout.volumes, layout.shape"

# Exit 0: rules that can all be judged on any machine.
rules=$work/rules.toml
awk -v RS= '!/id = "(time.official-gpu|memory.gpu|isolation\.|outputs\.|training\.)/ { print $0 "\n" }' \
  "$data/../../challenge/editions/snu-2025.toml" >"$rules"
team ok; check 0 --rules "$rules"
stdout_has "pass          repeat.equal"
xpath_is 'string(//property[@name="exit_code"]/@value)' 0
xpath_is 'count(//failure)' 0
check 6 --rules "$rules" --skip time.total
check 2 --rules "$rules" --only isolation.labels
team truncated; check 3 --rules "$rules"
xpath_is 'string(//testcase[failure]/@name)' layout.shape
