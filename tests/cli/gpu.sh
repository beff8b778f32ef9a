# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# GPU memory of a check, with the fake NVML library that RECONPROOF_NVML_LIBRARY names
# (tests/system/fake_nvml.cpp).
. "$(dirname "$0")/lib.sh"

# takes MIB: a team whose command has a grandchild that holds so much GPU memory for a while.
takes() {
  team ok
  script="bash -c '(exec -a --fake-gpu-mib=$1 sleep 0.5)'; ./fake_submission ../Data/leaderboard ../result/recon ok"
  sed -i "s|^command = .*|command = [\"bash\", \"-c\", \"$script\"]|" "$work/team/code/reconproof.toml"
}
check() { expect "$1" check "$work/team/code"; }

takes 900; check 6
stdout_has "pass          memory.gpu"
stdout_has "used at least 0.88 GiB of Fake GPU 0 (16.0 GiB), sampled every"
stdout_lacks "below the limit"
expect 6 check "$work/team/code" --json
stdout_has '"peak_tree_bytes": 943718400'
stdout_has '"peak_device_delta_bytes": 943718400'
stdout_has '"bound": "lower: sampled"'
stdout_has '"driver": "999.1"'

takes 7500; check 6
stdout_has "pass          memory.gpu"
stdout_has "only 129 MiB below the limit"

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

export RECONPROOF_NVML_LIBRARY=/nowhere/libnvidia-ml.so.1
check 6
stdout_has "inconclusive  memory.gpu"
stdout_has "not measured: no NVIDIA driver: /nowhere/libnvidia-ml.so.1"
