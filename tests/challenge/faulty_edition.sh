# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# What the build runs names every faulty rule file, with line and key: sh faulty_edition.sh PROGRAM SOURCE-FOLDER
set -eu
program=$1
editions=$2/challenge/editions
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

refused() {
  if "$program" "$@" 2>"$work/out"; then
    echo "FAILED: accepted: $*"
    exit 1
  fi
}

"$program" "$editions"/*.toml
refused

sed 's/^certainty = "stated"$/certainty = "sure"/' "$editions/snu-2025.toml" >"$work/a.toml"
sed 's/^\[\[cell\]\]$/[[cel]]/' "$editions/snu-2025.toml" >"$work/b.toml"
refused "$work/a.toml" "$editions/snu-2024.toml" "$work/b.toml"
[ "$(wc -l <"$work/out")" -eq 2 ]
line=$(grep -n -m 1 '"sure"' "$work/a.toml" | cut -d: -f1)
grep -qF "a.toml:$line: rule.certainty: expected stated, derived or uncertain" "$work/out"
line=$(grep -n -m 1 '^\[\[cel\]\]$' "$work/b.toml" | cut -d: -f1)
grep -qF "b.toml:$line: cel: unknown key; is it mistyped?" "$work/out"
