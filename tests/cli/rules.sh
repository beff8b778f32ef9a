# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# What the rules are, where each is written, what changed between editions.
. "$(dirname "$0")/lib.sh"

# json_is KEY...: stdout is one JSON document that has these members.
json_is() {
  for key in "$@"; do stdout_has "\"$key\""; done
}

# ---- list ----
expect 0 rules list
for edition in snu-2021 snu-2022 snu-2023 snu-2024 snu-2025 snu-2026 nyu-knee nyu-brain; do
  stdout_has "$edition"
done
stdout_has "layout.volumes        every edition"
stdout_has "time.total            snu-2024, snu-2025"

expect 0 rules list --edition snu-2025
stdout_has "snu-2025: SNU FastMRI Challenge 2025, version 1 (snu-2025@"
stdout_has "anatomy knee       29 volumes in each cell, foreground above 2e-05"
stdout_has "metric             masked-map"
stdout_has "    | Leaderboard SSIM (acc4): {acc4}"
stdout_has "error    time.total            Reconstruction of both accelerations"
stdout_has "[3600 s]"
stdout_has "warning  layout.float32"
stdout_lacks "재구성"

expect 0 rules list --edition snu-2025 --lang ko
stdout_has "두 가속 배율(acceleration)의 재구성은 데이터 로딩과 저장을 포함하여 3600초 안에 끝나야 합니다."
stdout_lacks "Reconstruction of both accelerations"

expect 0 rules list --edition snu-2024
stdout_has "cell private       folder acc9, or *"

expect 0 rules list --json
json_is reconproof.rules editions facts score.print mask_threshold text_ko remediation_ko certainty sha256 nyu-brain
expect 0 rules list --edition snu-2026 --json
json_is full_ms uncertain
stdout_lacks '"nyu-brain"'

expect 2 rules list --edition snu-1999
stderr_has "unknown edition 'snu-1999'; this version knows: snu-2021, snu-2022"
stderr_is_one_line
expect 2 rules list --lang fr
stderr_has "rules list: --lang 'fr': expected en or ko"
expect 2 rules list --edition snu-2025 --rules my.toml
stderr_has "rules list: give --edition or --rules, not both"
expect 2 rules list snu-2025

# ---- show ----
expect 0 rules show time.total --edition snu-2025
stdout_has "time.total, snu-2025 (snu-2025@"
stdout_has "  Demand: Reconstruction of both accelerations"
stdout_has "  Limit: 3600 s"
stdout_has "  Severity: error"
stdout_has "  What to do: Use fewer cascades"
stdout_has "  Source: 2025 README (branch 2025_baby_varnet, 2025-07-01) section 3"
stdout_has "  Certainty: stated: its source says so"
stdout_lacks "Not in"

# Without an edition: all that have it, each with what differs from the one before.
expect 0 rules show time.total
stdout_has "  Limit: 3000 s"
stdout_has "  Limit: 3600 s"
stdout_has "  Unchanged (snu-2024): Severity, What to do, Certainty"
stdout_has "Not in snu-2021, snu-2022, snu-2023, snu-2026, nyu-knee, nyu-brain"

expect 0 rules show data.overlap --edition snu-2021 --lang ko
stdout_has "  요구 사항: "
stdout_has "  조치: "
stdout_has "  확실성: stated: 출처에 명시되어 있습니다"

expect 0 rules show time.total --json
json_is reconproof.rule rule limit remediation_ko

expect 2 rules show time.travel
stderr_has "rules show: unknown rule 'time.travel'; this version has: layout.volumes, layout.shape"
stderr_is_one_line
expect 2 rules show time.total --edition snu-2026
stderr_has "rules show: unknown rule 'time.total'; snu-2026 has: layout.volumes"
expect 2 rules show
stderr_has "the option '--id' is required but missing"
expect 2 rules show time.total --edition snu-1999
stderr_has "this version knows: snu-2021"

# ---- diff ----
expect 0 rules diff snu-2025 snu-2026
stdout_has "From snu-2025: SNU FastMRI Challenge 2025"
stdout_has "To   snu-2026: SNU FastMRI Challenge 2026"
stdout_has "- anatomy brain    29 volumes in each cell, foreground above 5e-05"
stdout_has "metric           masked-map -> mask-and-boxes"
stdout_has "speed term       none -> 0.001 up to 80 ms a slice, 0 from 2000 ms on, linear between (uncertain)"
stdout_has "    | Leaderboard Recon Time : {seconds}s ({ms} ms/slice)"
stdout_has "Rules that are gone"
stdout_has "error    time.total"
stdout_has "Rules that change"
stdout_has "    - Reconstructions are float32: the official script stops at float64."
stdout_has "Rules that stay: layout.volumes, layout.shape"
stdout_has "error    time.in-clock"
stdout_has "error    inputs.order"

expect 0 rules diff snu-2024 snu-2025
stdout_has "- cell private     folder acc9, or *"
stdout_has "+ cell acc4        folder acc4"
stdout_has "+ anatomy knee     29 volumes in each cell, foreground above 2e-05"
stdout_has "anatomy brain    58 volumes in each cell, foreground above 5e-05 -> 29 volumes in each cell"
stdout_has "network's crop   only slices -> pads narrow images with zeros"
stdout_has "    limit: 3000 s -> 3600 s"
stdout_has "    severity: warning -> error"
stdout_has "error    training.fresh-weights"
expect 0 rules diff snu-2025 snu-2024
stdout_lacks "Rules that are new"

expect 0 rules diff snu-2026 snu-2025
stdout_has "Rules that are new"

expect 0 rules diff snu-2025 snu-2025
stdout_has "Nothing that a team must watch changes."

expect 0 rules diff snu-2025 snu-2026 --json
json_is reconproof.rules-diff added dropped changed unchanged facts score.metric from to

expect 2 rules diff snu-2025
stderr_has "the option '--to' is required but missing"
expect 2 rules diff snu-2025 snu-1999
stderr_has "'snu-1999' is neither a rule file (.toml) nor an edition; known are snu-2021, snu-2022"
stderr_is_one_line
expect 2 rules diff snu-2024 snu-2025 snu-2026

# ---- an organiser's own file ----
editions=$data/../../challenge/editions
sed -e 's/^id = "snu-2026"/id = "snu-2027"/' -e 's/^bonus = 0.001/bonus = 0.002/' \
  -e 's/^official_volumes = 29/official_volumes = 40/' "$editions/snu-2026.toml" >my.toml
expect 0 rules list --rules my.toml
stdout_has "snu-2027: "
stdout_has "anatomy knee       40 volumes in each cell"
expect 0 rules show layout.shape --rules my.toml
stdout_has "layout.shape, snu-2027 (snu-2027@"
expect 0 rules diff snu-2026 my.toml
stdout_has "anatomy knee     29 volumes in each cell, foreground above 2e-05 -> 40 volumes in each cell"
stdout_has "0.002 up to 80 ms a slice"

sed 's/^severity = "warning"/severity = "fatal"/' my.toml >broken.toml
line=$(grep -n -m 1 '"fatal"' broken.toml | cut -d: -f1)
expect 3 rules list --rules broken.toml
stderr_has "broken.toml:$line: rule.severity: expected error, warning or note"
stderr_is_one_line
expect 3 rules diff snu-2026 broken.toml
stderr_has "broken.toml:$line: rule.severity"
expect 3 rules list --rules nowhere.toml
stderr_has "nowhere.toml"

# Text of a stranger is shown, not obeyed.
sed 's/^title = .*/title = "\\u001b[2J"/' my.toml >hostile.toml
expect 0 rules list --rules hostile.toml
stdout_has 'snu-2027: \x1b[2J'

# ---- the command itself ----
expect 2 rules
stderr_has "rules: no subcommand; expected list, show or diff, see \`reconproof rules --help\`"
expect 2 rules frobnicate
stderr_has "rules: unknown subcommand 'frobnicate'"
expect 0 rules --help
stdout_has "Usage: reconproof rules <list|show|diff>"
for command in list show diff; do
  expect 0 rules "$command" --help
  stdout_has "Examples:"
done
