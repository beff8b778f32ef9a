# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The scripts of tests/adversaries, each as a team's reconstruct command: the right rule breaks, the exit
# code is right, and nothing is left behind. As whoever runs this, and, when that is root, as an ordinary
# user too (RECONPROOF_ONE_USER=1: not). A fourth argument: the fake NVML library. ADVERSARIES="NAME ...":
# only these.
. "$(dirname "$0")/lib.sh"
fake_nvml=$4
zoo=$(cd "$(dirname "$0")/../adversaries" && pwd)
if ! sandboxed; then exit 77; fi

# NAME | OPTIONS OF check | EXIT CODE | FINDINGS, with ; between them: "RESULT RULE" or "RESULT RULE: TEXT"
# somewhere in the output. Exit 6 is what a clean submission gets on a machine without the official GPU.
zoo_table() {
  cat <<'END'
reads_labels.sh          |                        | 1 | FAIL isolation.labels: acc4/image/brain_test1.h5; pass isolation.writes
opens_network.py         |                        | 1 | FAIL isolation.network: 203.0.113.7 port 443
replays_by_name.sh       |                        | 1 | FAIL inputs.names; FAIL inputs.folders; pass run.completes
stale_outputs.sh         |                        | 1 | FAIL layout.volumes: brain_test1.h5: missing
works_after_the_clock.sh |                        | 1 | FAIL layout.volumes: brain_test1.h5: missing
daemon_past_the_end.sh   |                        | 6 | pass run.completes; pass layout.volumes
fills_outputs.sh         | --limit-output 0.03    | 1 | FAIL run.completes: bytes of outputs, more than the limit of 32212255
one_huge_file.sh         | --limit-output 0.03    | 1 | FAIL run.completes
fills_tmp.sh             | --limit-memory 0.2     | 1 | FAIL run.completes
exhausts_memory.py       | --limit-memory 0.2     | 1 | FAIL run.completes: used more memory than the limit of 214748365 bytes
spawns_processes.py      | --limit-processes 200  | 1 | FAIL run.completes: started more processes and threads than the limit of 200
writes_inputs.sh         |                        | 6 | warning isolation.writes: /team/Data/leaderboard/acc4/kspace/brain_test1.h5; pass run.completes
writes_proc_sys.sh       |                        | 6 | warning isolation.writes: /proc/sys/kernel/core_pattern; pass run.completes
inherited_descriptors.py |                        | 6 | pass run.completes
prints_pass.sh           |                        | 1 | FAIL run.completes: it ended with exit code 3; inconclusive layout.volumes
ignores_sigterm.sh       | --timeout 1            | 1 | FAIL run.completes: was stopped after
gpu_in_a_grandchild.sh   |                        | 1 | FAIL memory.gpu: used at least 8.79 GiB of Fake GPU 0
END
}

mark=$$
# A folder that everybody can reach: the program and the team's repository are copied there.
chmod 755 "$work"
mkdir "$work/bin" "$work/tmp"
cp "$program" "$(dirname "$program")/reconproof-launcher" "$fake_nvml" "$work/bin"
program=$work/bin/$(basename "$program")
nvml=$work/bin/$(basename "$fake_nvml")
# Something that must not be inherited, and is, by a careless shell.
echo secret >"$work/secret"
exec 9<"$work/secret"

# as USER COMMAND...: with pid and exit status of the command itself.
as() {
  who=$1
  shift
  if [ "$who" = me ]; then exec "$@"; fi
  exec setpriv --reuid "$who" --regid "$who" --clear-groups --inh-caps=-all "$@"
}

hashes() { (cd "$work/team" && find . -path ./code/.reconproof -prune -o -type f -exec sha256sum {} + | sort -k2); }
settings() { cat /proc/sys/kernel/core_pattern /proc/sys/vm/overcommit_memory; }

nothing_runs() {
  for try in 1 2 3 4 5 6 7 8 9 10; do
    alive=$(grep -lza "300.$mark" /proc/[0-9]*/cmdline 2>/dev/null || true)
    [ -n "$alive" ] || break
    sleep 0.1
  done
  [ -z "$alive" ] || fail "$1: processes live on: $alive"
  for try in 1 2 3 4 5 6 7 8 9 10; do
    groups=$(find /sys/fs/cgroup -name "reconproof-$pid-*" 2>/dev/null)
    [ -n "$groups" ] || break
    sleep 0.2
  done
  [ -z "$groups" ] || fail "$1: a cgroup stays: $groups"
  ! grep -F "$work" /proc/self/mountinfo || fail "$1: something stays mounted"
}

nothing_is_left() {
  nothing_runs "$1"
  [ -z "$(ls -A "$work/tmp")" ] || fail "$1: files stay in TMPDIR: $(ls -A "$work/tmp")"
  [ -z "$(find "$work/team" -name '*partial*')" ] || fail "$1: half-written files"
  for kept in "$work"/team/code/.reconproof/check/*; do
    case ${kept##*/} in check.json | check.sarif | check.xml | recon) ;; *) fail "$1: $kept stays" ;; esac
  done
  [ ! -e "$work/team/code/.reconproof/check/recon/acc4/late.h5" ] || fail "$1: written after the end"
  hashes >"$work/hashes_after"
  cmp -s "$work/hashes" "$work/hashes_after" || fail "$1: the team's files were changed"
  [ "$(settings)" = "$machine" ] || fail "$1: settings of the machine were changed"
}

# found "RESULT RULE: TEXT"
found() {
  rule=${1%%:*}
  text=${1#"$rule"}
  line=$(printf '  %-13s %s ' "${rule%% *}" "${rule#* }")
  grep -qE -- "^$(printf %s "$line" | sed 's/\./\\./g')" "$work/stdout" || fail "$name: no finding '$rule'"
  if [ -n "$text" ]; then stdout_has "${text#: }"; fi
}

# prepare NAME USER: that user's team whose command is the adversary.
prepare() {
  team ok
  cp "$zoo/$1" "$zoo/honest.sh" "$work/team/code"
  shell=sh
  case $1 in *.py) shell=python3 ;; esac
  sed -i "s|^command = .*|command = [\"$shell\", \"./$1\"]\nenv = { MARK = \"$mark\" }|" "$work/team/code/reconproof.toml"
  if grep -q '= prepare' "$zoo/$1"; then (cd "$work/team/code" && sh "./$1" prepare); fi
  if [ "$2" != me ]; then chown -R "$2:$2" "$work/team" "$work/tmp"; fi
  hashes >"$work/hashes"
  machine=$(settings)
}

# start_check USER OPTIONS: in the background; its process is $pid.
start_check() {
  (export TMPDIR="$work/tmp"; as "$1" "$program" check "$work/team/code" $2) >"$work/stdout" 2>"$work/stderr" &
  pid=$!
}

# meet USER NAME OPTIONS EXIT-CODE FINDINGS
meet() {
  user=$1 name=$2 code=$4
  prepare "$name" "$user"
  unset RECONPROOF_NVML_LIBRARY
  case $name in gpu_*) export RECONPROOF_NVML_LIBRARY="$nvml" ;; esac
  start_check "$user" "$3"
  got=0
  wait $pid || got=$?
  [ "$got" -eq "$code" ] || fail "$name as $user: exit $got, expected $code"
  printf '%s\n' "$5" | tr ';' '\n' | while read -r finding; do found "$finding"; done
  if LC_ALL=C grep -q '[[:cntrl:]]' "$work/stdout"; then fail "$name: control characters reach the terminal"; fi
  nothing_is_left "$name as $user"
  echo "ok: $name as $user"
}

users=me
if [ -n "${RECONPROOF_ONE_USER:-}" ]; then
  echo "note: the adversaries are met as $(id -un) alone"
elif [ "$(id -u)" -eq 0 ]; then
  users="me 12345"
else
  echo "note: this is not root; the adversaries are met as $(id -un) alone"
fi
for user in $users; do
  zoo_table | while IFS='|' read -r name options code findings; do
    name=$(echo $name)
    case " ${ADVERSARIES:-$name} " in *" $name "*) ;; *) continue ;; esac
    meet "$user" "$name" "$(echo $options)" "$(echo $code)" "$(echo $findings)"
  done || exit 1
done

# Killed in the middle, the harness leaves no process, group or mount; and what it left of files, the next
# one removes.
for user in $users; do
  prepare ignores_sigterm.sh "$user"
  start_check "$user" ""
  for try in $(seq 100); do
    if grep -qza "300.$mark" /proc/[0-9]*/cmdline 2>/dev/null; then break; fi
    sleep 0.1
  done
  sleep 0.3
  kill -KILL $pid
  wait $pid 2>/dev/null || true
  nothing_runs "the harness, killed as $user,"
  start_check "$user" "--timeout 0.5"
  wait $pid || true
  nothing_is_left "after the killed harness as $user"
  echo "ok: killed as $user"
done
