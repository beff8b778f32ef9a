# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# A report in headless Chromium: it asks nobody for anything and the console stays empty.
#   sh report_in_browser.sh REFERENCE-PROGRAM REPORT.html
# Exits 77 where there is no Chromium or no python3.
set -eu
program=$1
report=$(realpath "$2")
command -v chromium >/dev/null && command -v python3 >/dev/null || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# page FILE NAME: loads it; console lines in $work/NAME.console, addresses it asked for in $work/NAME.requests.
# The browser's own requests have no origin as initiator; none gets out, since no name is resolved.
page() {
  timeout 120 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$work/profile" --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync --disable-extensions \
    --host-resolver-rules='MAP * ~NOTFOUND' --enable-logging=stderr --log-net-log="$work/$2.netlog" \
    --dump-dom "file://$1" >"$work/$2.dom" 2>"$work/$2.stderr" || fail "Chromium did not load $1"
  grep CONSOLE "$work/$2.stderr" >"$work/$2.console" || true
  python3 - "$work/$2.netlog" >"$work/$2.requests" <<'EOF'
import json, sys
text = open(sys.argv[1]).read()
try:
    log = json.loads(text)
except ValueError:  # the browser left before it closed the list
    log = json.loads(text.rstrip().rstrip(",") + "]}")
for event in log["events"]:
    params = event.get("params")
    if isinstance(params, dict) and params.get("initiator", "not an origin") != "not an origin":
        print(params.get("url"))
EOF
}

# First the checker itself: a page that asks and complains must be noticed.
cat >"$work/bad.html" <<'EOF'
<!DOCTYPE html><html lang="en"><title>bad</title><img alt="" src="http://127.0.0.1:9/beacon.png">
<script>console.error("a complaint")</script></html>
EOF
page "$work/bad.html" bad
grep -q "a complaint" "$work/bad.console" || fail "the console check notices nothing"
grep -q "127.0.0.1:9/beacon.png" "$work/bad.requests" || fail "the request check notices nothing"

page "$report" report
[ ! -s "$work/report.console" ] || fail "console: $(cat "$work/report.console")"
[ ! -s "$work/report.requests" ] || fail "requests: $(cat "$work/report.requests")"
grep -q '<h1>' "$work/report.dom" || fail "the page is empty"
grep -q "reconproof $("$program" version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1)" "$work/report.dom" ||
  fail "the report names another version than the program"
