# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Changes settings of the machine, or tries to.
. ./honest.sh
echo '|/tmp/handler' >/proc/sys/kernel/core_pattern
echo 1 >/proc/sys/vm/overcommit_memory
echo b >/proc/sysrq-trigger
for group in /sys/fs/cgroup/*/cgroup.procs /sys/fs/cgroup/cgroup.procs; do echo $$ >$group; done
honest
