# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Programs that are killed, disks that fail or are full: sh bundle_crash.sh PROGRAM TEST-DATA FAKE [MOMENTS]
# kill -9 at MOMENTS (6) of a command's system calls, each kind of call that changes a file among them, and at as many
# random times; then: what it writes is the old or the new one, its inputs are untouched, and the next run works and
# leaves nothing else. A further command is a function, and a line at the end.
# Without the right to trace it is skipped (77), or fails with RECONPROOF_REQUIRE_STRACE=1.
. "$(dirname "$0")/lib.sh"
moments=${4:-6}
export RECONPROOF_HISTORY=none # its file changes at every run, and an error there is none of the bundle's
export TMPDIR="$work/tmp" ASAN_OPTIONS="detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}" # leaks cannot be looked for under ptrace
mkdir -p project/recon/acc4 project/recon/acc8 project/code in out tmp

if ! strace -f -qq -o trace true 2>stderr; then
  echo "SKIPPED: strace is missing or may not trace here: $(head -n 1 stderr)"
  [ "${RECONPROOF_REQUIRE_STRACE:-0}" = 1 ] && exit 1
  exit 77
fi

code=0
timeout --foreground -s KILL 0.1 sleep 10 || code=$?
[ $code -eq 137 ] || { echo "FAILED: timeout ends with $code where it kills, expected 137" >&2; exit 1; }

cat >project/reconproof.toml <<'END'
[project]
name = "crash"
edition = "snu-2025"
[steps.reconstruct]
command = ["true"]
weights = "weights.pt"
outputs = "recon"
END
head -c 20000000 /dev/urandom >project/weights.pt # more than one shard
for cell in acc4 acc8; do echo "$cell" >"project/recon/$cell/brain_test1.h5"; done
echo "print()" >project/code/main.py

# The commands under attack. They read project/ and in/, and write to out/. One thread, since injections count for each
# thread by itself.
pack() { "$@" "$program" pack "$work/project" --unchecked -o "$work/out/bundle.tar"; }
verify() { "$@" "$program" verify "$work/in/bundle.tar" --threads 1; }
extract() { "$@" "$program" extract "$work/in/bundle.tar" --to "$work/out/bag" --threads 1; }
sign() { "$@" "$program" sign "$work/out/bundle.tar" --key "$work/key.pem"; }
# Its answer is 6, since nothing is claimed. Of its own calls alone: what it starts is killed with it, by its guards.
reproduce() {
  inner=0
  "$@" "$program" reproduce "$work/in/fake.tar" --data "$work/in/Data" --keep "$work/out/kept" || inner=$?
  [ $inner -eq 6 ] || return $inner
}

follow=-f # strace also looks at children

# What stands in out/ before.
nothing() { :; }
old_bundle() { cp old.tar out/bundle.tar; }
unsigned_bundle() { cp in/bundle.tar out/bundle.tar; }

# begin BEFORE
begin() {
  rm -rf out tmp
  mkdir out tmp
  "$1"
}
# Names and contents of a folder; what stands under a temporary name is not there for anybody. Times that were measured
# differ from run to run.
state() {
  (cd "$1" && find . -name '.*.partial-??????' -prune -o -name reproduce.json -print -o -type f -exec sha256sum {} + |
    LC_ALL=C sort -k 2)
}
inputs() { state project; state in; }
# Nothing but the result: no temporary files, here or in TMPDIR.
nothing_left() {
  [ -z "$(find out tmp -name '.*.partial-*' -o -name 'reconproof-tmp.*')" ] || fail "$*: left $(ls -A out tmp)"
}

# undisturbed COMMAND BEFORE: its states before and after; how often a thread of it makes each call, as "COUNT CALL" in
# the file calls.
changing=write,pwrite64,rename,renameat,renameat2,fsync,fdatasync,sync_file_range,mkdir,mkdirat,ftruncate,unlink,unlinkat,rmdir,chmod,fchmod,openat,close
undisturbed() {
  begin "$2"
  old=$(state out)
  "$1" strace $follow -qq -o trace -e trace="$changing" >stdout 2>stderr || fail "$1: exit $? under strace"
  new=$(state out)
  nothing_left "$1"
  awk '{ if ($1 !~ /^[0-9]+$/) $0 = "0 " $0 }
    $2 ~ /^[a-z0-9_]+\(/ { sub(/\(.*/, "", $2); calls[$2 " " $1]++ }
    END { for (key in calls) { split(key, part); if (calls[key] > most[part[1]]) most[part[1]] = calls[key] }
      for (name in most) print most[name], name }' trace | LC_ALL=C sort -k 2 >calls
}

# after WHAT COMMAND: the old one or the new one, nothing verifies that is incomplete, and the next run works.
after() {
  now=$(state out)
  [ "$now" = "$old" ] || [ "$now" = "$new" ] || fail "$1: out/ is neither as before nor complete: $now"
  [ "$(inputs)" = "$untouched" ] || fail "$1: its inputs were changed"
  for left in out/.bundle.tar.partial-*; do
    [ -f "$left" ] && "$program" verify "$left" >stdout 2>stderr || continue
    case $new in *"$(sha256sum <"$left" | cut -d ' ' -f 1)"*) ;; *) fail "$1: verifies what is incomplete: $left" ;; esac
  done
  # What never replaces anything has nothing left to do when it was done; or is asked for it once more.
  if [ "$now" = "$new" ]; then
    case $2 in
      extract) nothing_left "$1" && return ;;
      reproduce) rm -r out/kept ;;
    esac
  fi
  "$2" >stdout 2>stderr || fail "$1: the next run ends with $?"
  [ "$(state out)" = "$new" ] || fail "$1: the next run's result differs"
  nothing_left "$1"
}

# killed_at_calls COMMAND BEFORE: each kind of call first and last, and evenly between.
killed_at_calls() {
  awk -v moments="$moments" '{ count[NR] = $1; name[NR] = $2; total += $1 }
    END { for (i = 1; i <= NR; i++) { print name[i], 1; if (count[i] > 1) print name[i], count[i] }
      for (m = 1; m <= moments; m++) { at = int(m * total / (moments + 1)); i = 1
        while (at >= count[i]) at -= count[i++]
        print name[i], at + 1 } }' calls | LC_ALL=C sort -u >points
  kills=0
  while read -r call number; do
    begin "$2"
    code=0
    "$1" strace $follow -qq -o trace -e trace="$call" -e inject="$call:signal=SIGKILL:when=$number" >stdout 2>stderr || code=$?
    # While it waits for a command, some calls depend on how long that takes.
    [ "$code" -eq 137 ] || [ "$follow$code" = 0 ] || fail "$1: was not killed at $call $number: exit $code"
    after "$1 killed at $call $number" "$1"
    kills=$((kills + 1))
  done <points
  echo "$1, $2 before: killed at $kills calls of $(awk '{ n += $1 } END { print n }' calls)"
}

# killed_at_times COMMAND BEFORE
killed_at_times() {
  begin "$2"
  started=$(date +%s%N)
  "$1" >stdout 2>stderr
  lasts=$(($(date +%s%N) - started))
  kills=0
  for seconds in $(awk -v n="$moments" -v lasts="$lasts" 'BEGIN { srand(8); for (; n > 0; n--) printf "%.4f ", rand() * lasts / 1e9 }'); do
    begin "$2"
    code=0
    # In the foreground it waits for what it killed; else it dies with it, and the next run comes too soon.
    "$1" timeout --foreground -s KILL "$seconds" >stdout 2>stderr || code=$?
    case $code in
      0 | 124) ;; # 124: it ended by itself just then
      137) kills=$((kills + 1)) ;;
      *) fail "$1 killed after $seconds s: exit $code" ;;
    esac
    after "$1 killed after $seconds s" "$1"
  done
  echo "$1, $2 before: $kills of $moments random times came before its end ($((lasts / 1000000)) ms)"
}

# attack COMMAND BEFORE
attack() {
  undisturbed "$1" "$2"
  untouched=$(inputs)
  killed_at_calls "$1" "$2"
  killed_at_times "$1" "$2"
}

# injected CODE COMMAND BEFORE INJECTION...: ends with CODE and leaves nothing. `only`: strace's -P FILE.
only=
injected() {
  wanted=$1 command=$2 before=$3
  shift 3
  calls=$(for injection; do printf '%s,' "${injection%%:*}"; done)
  begin "$before"
  code=0
  # shellcheck disable=SC2046,SC2086
  "$command" strace -f -qq -o trace $only -e trace="${calls%,}" $(for injection; do echo "-e inject=$injection"; done) \
    >stdout 2>stderr || code=$?
  [ "$code" -eq "$wanted" ] || fail "$command with $*: exit $code, expected $wanted"
  case $wanted in
    0) [ "$(state out)" = "$new" ] || fail "$command with $*: another result" ;;
    *) [ "$(state out)" = "$old" ] || fail "$command with $*: out/ is not as before" ;;
  esac
  nothing_left "$command with $*"
}
# fails CALL ERROR TEXT [WHEN]: pack tells it, and the old bundle stays.
fails() {
  injected 70 pack old_bundle "$1:error=$2:when=${4:-1}"
  grep -qF "cannot write $work/out/bundle.tar: $3" stderr || fail "pack with $1 $2: no such message"
  stderr_is_one_line
}

pack >stdout 2>stderr
mv out/bundle.tar in/bundle.tar
"$program" keygen --out key.pem >stdout 2>stderr
team weights
echo 1e-4 >team/result/weights.pt
(cd team/code && ./fake_submission ../Data/leaderboard ../result/recon weights >"$work/stdout")
expect 0 pack team/code --unchecked -o in/fake.tar
mv Data in/Data
echo "changed" >project/code/main.py
pack >stdout 2>stderr
mv out/bundle.tar old.tar
echo "changed again" >project/code/main.py

attack pack nothing
attack pack old_bundle
attack verify nothing
attack extract nothing
attack sign unsigned_bundle
if sandboxed; then
  follow=
  attack reproduce nothing
  follow=-f
fi

undisturbed pack old_bundle
untouched=$(inputs)
for call in write:1 write:15 fsync:1 rename:1; do
  fails "${call%:*}" EIO "Input/output error" "${call#*:}"
  fails "${call%:*}" ENOSPC "No space left on device" "${call#*:}"
done
fails write EDQUOT "Disk quota exceeded" 10
# Interrupted calls are made again, and a write of nothing, too.
injected 0 pack old_bundle write:error=EINTR:when=2..9 fsync:error=EINTR:when=1
only="-P $work/project/weights.pt"
injected 0 pack old_bundle pread64:error=EINTR:when=3..9
injected 70 pack old_bundle pread64:error=EIO:when=3
grep -qF "$work/project/weights.pt: Input/output error" stderr || fail "pack with pread64 EIO: no such message"
only=
injected 0 pack old_bundle write:retval=0:when=3
# It goes on without early writeback, without a folder's fsync, without locks and without a second thread.
injected 0 pack old_bundle sync_file_range:error=ENOSYS fsync:error=EINVAL:when=2 flock:error=ENOLCK
injected 0 pack old_bundle clone:error=EAGAIN clone3:error=EAGAIN
injected 143 pack old_bundle write:signal=SIGTERM:when=12
injected 130 pack old_bundle write:signal=SIGINT:when=12

undisturbed extract nothing
for call in pwrite64:1 pwrite64:20 fsync:1 ftruncate:1 mkdirat:1; do
  injected 70 extract nothing "${call%:*}:error=EIO:when=${call#*:}"
  stderr_has "cannot write $work/out/.bag.partial-"
  stderr_is_one_line
done
injected 70 extract nothing rename:error=EIO
stderr_has "cannot write $work/out/bag: Input/output error"
injected 0 extract nothing pwrite64:error=EINTR:when=2..9 fsync:error=EINTR:when=1
injected 0 extract nothing renameat2:error=EINVAL
[ "$(inputs)" = "$untouched" ] || fail "inputs were changed"

# A full disk: in a mount namespace of its own, so that nothing stays mounted.
cat >full_disk.sh <<'END'
set -eu
mkdir -p disk
"$@"
cp old.tar disk/bundle.tar
code=0
"$program" pack project --unchecked -o disk/bundle.tar 2>stderr >stdout || code=$?
[ "$code" -eq 70 ] || { echo "exit $code, expected 70" >&2; exit 1; }
cmp old.tar disk/bundle.tar
[ "$(ls -A disk | grep -v lost+found)" = bundle.tar ] || { ls -A disk >&2; exit 1; }
rm disk/bundle.tar
"$program" pack project --unchecked -o disk/bundle.tar >stdout 2>packed
[ "$(ls -A disk | grep -v lost+found)" = bundle.tar ] || { ls -A disk >&2; exit 1; }
END
export program
# full_disk NAME UNSHARE-OPTIONS MOUNT...
full_disk() {
  name=$1 options=$2
  shift 2
  if ! unshare "$options" sh -c 'mkdir -p disk && "$@"' mount "$@" >stdout 2>stderr; then
    echo "note: no full disk of $name here: $(head -n 1 stderr)"
    return
  fi
  unshare "$options" sh full_disk.sh "$@" || fail "on a full disk ($name)"
  grep -qF "cannot write disk/bundle.tar: No space left on device" stderr || fail "on a full disk ($name): no such message"
  stderr_is_one_line
  echo "full disk ($name): told, and the old bundle stays"
}
[ "$(id -u)" -eq 0 ] && private=-m || private=-rm
full_disk tmpfs "$private" mount -t tmpfs -o size=30m none disk
truncate -s 40M image
mkfs.ext4 -q -O ^has_journal image 2>stderr || PATH=$PATH:/sbin:/usr/sbin mkfs.ext4 -q -O ^has_journal image
full_disk ext4 -m mount -o loop image disk
