# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# One file without end.
. ./honest.sh
honest
exec cat /dev/zero >../result/recon/acc4/huge.h5
