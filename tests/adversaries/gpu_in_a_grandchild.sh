# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# A process of a process takes more GPU memory than there may be (tests/system/fake_nvml.cpp).
. ./honest.sh
bash -c "bash -c '(exec -a --fake-gpu-mib=9000 sleep 0.5); true'; true"
honest
