#!/bin/sh
# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# run.sh BUILD SECONDS PROCESSES [TARGET...]: runs fuzz targets one after another, each for so long in so many processes.
# What they find is written to BUILD/findings/TARGET; BUILD/corpus/TARGET grows from run to run. Exit 1 after a finding.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1 seconds=$2 processes=$3
shift 3
[ $# -gt 0 ] || set -- $(cd "$build/bin" && ls -d fuzz_* | sed 's/^fuzz_//')
# Files that a target writes belong into memory; a small quarantine leaves room for what is measured.
[ -w /dev/shm ] && export TMPDIR=/dev/shm
export ASAN_OPTIONS=quarantine_size_mb=16:detect_stack_use_after_return=0
found=0
for target in "$@"; do
  findings=$build/findings/$target corpus=$build/corpus/$target dictionary=$here/dictionaries/$target.dict
  mkdir -p "$findings" "$corpus"
  set -- -max_total_time="$seconds" -max_len=16384 -rss_limit_mb=512 -malloc_limit_mb=256 -timeout=10 \
    -artifact_prefix="$findings/" -print_final_stats=1
  [ -f "$dictionary" ] && set -- "$@" -dict="$dictionary"
  [ "$processes" -gt 1 ] && set -- "$@" -fork="$processes" -ignore_ooms=0 -ignore_timeouts=0
  echo "== $target, $seconds s"
  if "$build/bin/fuzz_$target" "$@" "$corpus" "$here/corpus/$target" >"$findings/log" 2>&1; then
    grep -E 'cov: ' "$findings/log" | tail -1
  else
    found=1
    tail -40 "$findings/log"
    echo "== $target: a finding; run it again with $build/bin/fuzz_$target FILE"
    ls "$findings"
  fi
done
exit $found
