# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Fills what lies in memory: /tmp and /dev/shm.
. ./honest.sh
set -e
honest
cat /dev/zero >/tmp/filled || true
cat /dev/zero >/dev/shm/filled
