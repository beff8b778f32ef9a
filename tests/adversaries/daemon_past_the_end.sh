# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Does its work, and leaves daemons that would write to the outputs later and for long.
. ./honest.sh
honest
(setsid sh -c '. ./honest.sh; trap "" TERM HUP INT; (linger &); sleep 1; echo late >../result/recon/acc4/late.h5; linger' >/dev/null 2>&1 &)
sleep 0.2
