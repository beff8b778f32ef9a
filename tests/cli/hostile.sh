# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Every hostile file of hostile_*.py is refused as hostile.md says. Arguments after the third go to hostile.py: --slow, names.
scripts=$(cd "$(dirname "$0")" && pwd)
. "$scripts/lib.sh"
shift 3
/usr/bin/python3 "$scripts/hostile.py" --list | cmp - "$scripts/hostile.md" || {
  echo "FAILED: write the list anew: python3 tests/cli/hostile.py --list >tests/cli/hostile.md" >&2
  exit 1
}

# What is spoilt: a bundle, a project with the record of a check, a volume a cell that scores.
team ok
expect 6 check "$work/team/code"
mkdir "$work/hostile"
cp -r "$work/team/code" "$work/hostile/project"
rm "$work/hostile/project/fake_submission"
cp -r "$data/scoring/snu-2025/leaderboard" "$work/hostile/labels"
cp -r "$data/scoring/snu-2025/recon" "$work/hostile/recon"
chmod -R u+w "$work/hostile"
cp -r "$data/scoring/snu-2025/recon" "$work/team/result/recon"
rm "$work/team/code/fake_submission"
sed -i 's/"\.\/fake_submission"/"true"/' "$work/team/code/reconproof.toml"
expect 0 pack "$work/team/code" --unchecked -o "$work/hostile/bundle.tar"
expect 0 verify "$work/hostile/bundle.tar"

/usr/bin/python3 "$scripts/hostile.py" "$program" "$work/hostile" "$@"
