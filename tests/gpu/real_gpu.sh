# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# On a machine with an NVIDIA GPU that nobody else uses: a process of known size is measured within 5 %, and one of
# 9 GiB dies where a ballast leaves what a GTX 1080 has. Needs no CUDA toolkit and no PyTorch; gpu-allocate, the fourth
# argument, asks the driver itself. What it prints at the end belongs into docs/measuring.md.
. "$(dirname "$0")/../cli/lib.sh"
allocate=$4

got=0
"$allocate" 1 0 >stdout 2>stderr || got=$?
if [ $got -ne 0 ]; then
  echo "no usable GPU here: $(cat stderr)"
  [ "${RECONPROOF_REQUIRE_GPU:-0}" != 1 ] || exit 1
  exit 77
fi

# holds MIB SECONDS: a team whose command takes so much, and then writes its reconstructions.
holds() {
  team ok
  cp "$allocate" "$work/team/code/gpu-allocate"
  run="./gpu-allocate $1 $2 \&\& ./fake_submission ../Data/leaderboard ../result/recon ok"
  sed -i "s|^command = .*|command = [\"sh\", \"-c\", \"$run\"]|" "$work/team/code/reconproof.toml"
}
number() { sed -n "s/^ *\"$1\": \([0-9.]*\),*$/\1/p" stdout | head -1; }
text() { sed -n "s/^ *\"$1\": \"\(.*\)\",*$/\1/p" stdout | head -1; }
check() { expect "$1" check "$work/team/code" --only memory.gpu --json; }

# The context is in both, so that it is not in the difference.
small_mib=256 large_mib=6400
for size in small large; do
  eval "mib=\$${size}_mib"
  holds "$mib" 3
  check 6
  grep -q '"measured": true' stdout || fail "not measured: $(text reason)"
  eval "${size}_tree=$(number peak_tree_bytes) ${size}_device=$(number peak_device_delta_bytes)"
done
result=$(printf '| %s, driver %s | %s samples, every %.0f ms, %s s of CPU time | ' "$(text device)" "$(text driver)" \
  "$(number samples)" "$(number interval_ms)" "$(number sampling_cpu_s)")

# within WHAT SMALL LARGE: the difference is that of the two sizes, to 5 %. The driver may hide what a process has (0).
within() {
  awk -v what="$1" -v small="$2" -v large="$3" -v true_mib=$((large_mib - small_mib)) 'BEGIN {
    if (large == 0) { printf "%s: hidden; ", what; exit 0 }
    mib = (large - small) / 1048576
    printf "%s: %.0f MiB for %d (%+.1f %%); ", what, mib, true_mib, 100 * (mib / true_mib - 1)
    exit !(mib > 0.95 * true_mib && mib < 1.05 * true_mib)
  }' || fail "$1 is not within 5 %"
}
result=$result$(within processes "$small_tree" "$large_tree")
result=$result$(within "whole GPU" "$small_device" "$large_device")

enforced=$(number enforced_limit_bytes)
if [ -z "$enforced" ]; then
  result="$result not enforced: $(text unenforced_reason) |"
else
  holds 9216 1
  check 1
  stdout_has "ran out of memory with 7.92 GiB left"
  stdout_has "CUDA out of memory"
  result="$result 7.45 GiB left: $enforced bytes; 9 GiB: ran out of memory, as it should |"
fi
echo "$result"
