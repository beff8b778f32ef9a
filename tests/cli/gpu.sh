# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# GPU memory of a check, with the fake NVML library that RECONPROOF_NVML_LIBRARY names
# (tests/system/fake_nvml.cpp), and in its second half with the fake CUDA library too, the fourth argument
# (tests/system/fake_cuda.cpp): a GPU of 16 GiB, of which 100 MiB are never free.
. "$(dirname "$0")/lib.sh"
fake_cuda=$4

# takes MIB: a team whose command has a grandchild that holds so much GPU memory for a while.
takes() {
  team ok
  script="bash -c '(exec -a --fake-gpu-mib=$1 sleep 0.5)'; ./fake_submission ../Data/leaderboard ../result/recon ok"
  sed -i "s|^command = .*|command = [\"bash\", \"-c\", \"$script\"]|" "$work/team/code/reconproof.toml"
}
check() { expect "$1" check "$work/team/code"; }

export RECONPROOF_CUDA_LIBRARY=/nowhere/libcuda.so.1
takes 900; check 6
stdout_has "pass          memory.gpu"
stdout_has "used at least 0.88 GiB of Fake GPU 0 (16.0 GiB), sampled every"
stdout_lacks "below the limit"
expect 6 check "$work/team/code" --json
stdout_has '"peak_tree_bytes": 943718400'
stdout_has '"peak_device_delta_bytes": 943718400'
stdout_has '"bound": "lower: sampled"'
stdout_has '"driver": "999.1"'
stdout_has '"enforced_limit_bytes": null'

takes 7500; check 6
stdout_has "pass          memory.gpu"
stdout_has "only 129 MiB below the limit"

stdout_has "the limit was not enforced: no CUDA driver: /nowhere/libcuda.so.1"

takes 7800; check 6
stdout_has "inconclusive  memory.gpu"
stdout_has "between what two sources say, 7.45 and 7.92 GiB"

takes 9000; check 1
stdout_has "FAIL          memory.gpu"
stdout_has "used at least 8.79 GiB"

export FAKE_NVML_HIDE=1
check 1
stdout_has "FAIL          memory.gpu"
stdout_has "as the whole GPU's use above idle"
unset FAKE_NVML_HIDE

bash -c 'exec -a --fake-gpu-mib=10 sleep 60' >/dev/null 2>&1 & foreign=$!
sleep 0.2
check 6
stdout_has "inconclusive  memory.gpu"
stdout_has "another process used the GPU: pid $foreign (sleep)"
kill $foreign
wait $foreign || true

team ok; check 6
stdout_has "inconclusive  memory.gpu"
stdout_has "not measured: no process of the run used a GPU"

# ---- under a ballast ----

export RECONPROOF_CUDA_LIBRARY="$fake_cuda" FAKE_GPU_STATE="$work/gpu"
mkdir "$FAKE_GPU_STATE"

# needs MIB: a team whose command runs out of memory where no more than that is left. What a ballast took stands in the
# folder that the fake library keeps, which the command is shown; its own memory it shows by its name.
needs() {
  team ok
  cat >"$work/team/code/needs.sh" <<'EOF'
mib=$1
ballast=$(cat ../../gpu/* 2>/dev/null || echo 0)
left=$((16384 - 100 - ballast / 1048576))
bash -c "(exec -a --fake-gpu-mib=$((mib < left ? mib : left)) sleep 0.5)"
if [ "$mib" -gt "$left" ]; then
  echo "RuntimeError: CUDA out of memory. Tried to allocate $((mib - left)).00 MiB" >&2
  exit 1
fi
./fake_submission ../Data/leaderboard ../result/recon ok
EOF
  sed -i "s|^command = .*|command = [\"bash\", \"needs.sh\", \"$1\"]\nread_only = [\"../../gpu\"]|" \
    "$work/team/code/reconproof.toml"
}
if sandboxed; then  # without one, read_only shows nothing
  needs 900; check 6
  stdout_has "pass          memory.gpu"
  stdout_has "ran with 7.45 GiB left on Fake GPU 0 (16.0 GiB); used at least 0.88 GiB"
  expect 6 check "$work/team/code" --json
  stdout_has '"enforced_limit_bytes": 7999'
  stdout_has '"unenforced_reason": ""'

  # Room for 7.92 GiB, not for 7.45.
  needs 8000; check 6
  stdout_has "inconclusive  memory.gpu"
  stdout_has "ran out of memory with 7.45 GiB left on Fake GPU 0 (16.0 GiB), but not with 7.92"
  stdout_has "pass          run.completes"

  needs 9216; check 1
  stdout_has "FAIL          memory.gpu"
  stdout_has "ran out of memory with 7.92 GiB left on Fake GPU 0 (16.0 GiB)"
  stdout_has "CUDA out of memory"
  stdout_has "FAIL          run.completes"

  # Left out, the limit is not enforced, but what was seen is not hidden.
  expect 1 check "$work/team/code" --skip memory.gpu
  stdout_has "pass          run.completes"
  stdout_has "FAIL          memory.gpu"
fi
[ -z "$(ls "$FAKE_GPU_STATE")" ] || fail "a ballast is left"

# A ballast that cannot start does not stop the check.
export FAKE_CUDA_INIT=999
takes 900; check 6
stdout_has "pass          memory.gpu"
stdout_has "the limit was not enforced: the CUDA driver refuses to start: unknown error (CUDA error 999)"
unset FAKE_CUDA_INIT

# started: a check whose command is on the GPU, as $checked, with its $ballast.
started() {
  takes 900
  rm -f "$FAKE_GPU_STATE"/*
  "$program" check "$work/team/code" >"$work/stdout" 2>"$work/stderr" & checked=$!
  until pgrep -f -- '^--fake-gpu-mib=900' >/dev/null; do sleep 0.02; done
  ballast=$(ls "$FAKE_GPU_STATE")
}

# Killed while it is needed.
started
kill -9 "$ballast"
got=0; wait $checked || got=$?
[ $got -eq 6 ] || fail "exit $got, expected 6"
stdout_has "inconclusive  memory.gpu"
stdout_has "not measured: the process that held the rest of the GPU's memory ended before the run did"

# It does not outlive the harness.
started
kill -9 $checked
wait $checked || true
for i in 1 2 3 4 5 6 7 8 9 10; do
  kill -0 "$ballast" 2>/dev/null || break
  sleep 0.5
done
! kill -0 "$ballast" 2>/dev/null || fail "the ballast is left"

unset RECONPROOF_CUDA_LIBRARY
export RECONPROOF_NVML_LIBRARY=/nowhere/libnvidia-ml.so.1
check 6
stdout_has "inconclusive  memory.gpu"
stdout_has "not measured: no NVIDIA driver: /nowhere/libnvidia-ml.so.1"
