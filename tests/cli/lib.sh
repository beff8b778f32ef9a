# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts of this folder: sh SCRIPT REFERENCE-PROGRAM TEST-DATA FAKE-SUBMISSION
set -eu
program=$1
data=$2
fake=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export XDG_STATE_HOME="$work/state"

fail() {
  echo "FAILED: $*" >&2
  sed 's/^/  stdout: /' "$work/stdout" >&2
  sed 's/^/  stderr: /' "$work/stderr" >&2
  exit 1
}

# expect CODE ARGUMENT...: runs the harness; output in $work/stdout and $work/stderr.
expect() {
  wanted=$1
  shift
  got=0
  "$program" "$@" >"$work/stdout" 2>"$work/stderr" || got=$?
  [ "$got" -eq "$wanted" ] || fail "reconproof $*: exit $got, expected $wanted"
}
stdout_has() { grep -qF -- "$1" "$work/stdout" || fail "stdout lacks: $1"; }
stdout_lacks() { ! grep -qF -- "$1" "$work/stdout" || fail "stdout has: $1"; }
stderr_has() { grep -qF -- "$1" "$work/stderr" || fail "stderr lacks: $1"; }
stderr_is_one_line() { [ "$(wc -l <"$work/stderr")" -eq 1 ] || fail "stderr is not one line"; }

# team MODE: a team's repository in $work/team/code around the fake submission, data in $work/team/Data.
team() {
  rm -rf "$work/team"
  mkdir -p "$work/team/code" "$work/team/result"
  cp "$fake" "$work/team/code/fake_submission"
  echo "weights" >"$work/team/result/weights.pt"
  if [ ! -d "$work/Data" ]; then
    "$program" data synth --out "$work/Data/leaderboard" --layout leaderboard --volumes 2 --slices 1 --coils 4 \
      --height 64 --width 64 --seed 1 >/dev/null 2>&1
    "$program" data synth --out "$work/Data/train" --volumes 2 --slices 1 --coils 4 --height 64 --width 64 \
      --seed 2 >/dev/null 2>&1
  fi
  cp -r "$work/Data" "$work/team/Data"
  cat >"$work/team/code/reconproof.toml" <<EOF
[project]
name = "fake"
edition = "snu-2025"
[data]
train = "../Data/train"
leaderboard = "../Data/leaderboard"
[steps.reconstruct]
command = ["./fake_submission", "../Data/leaderboard", "../result/recon", "$1"]
weights = "../result/weights.pt"
outputs = "../result/recon"
EOF
}

# Whether isolation can be tested here. With RECONPROOF_REQUIRE_SANDBOX=1 a refusal is a failure.
sandboxed() {
  "$program" doctor --json | grep -q '"state": "available"' && return 0
  [ "${RECONPROOF_REQUIRE_SANDBOX:-0}" != 1 ] || fail "the sandbox is refused here"
  echo "note: no sandbox here; isolation is expected to be inconclusive"
  return 1
}
