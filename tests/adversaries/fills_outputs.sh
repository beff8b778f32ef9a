# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Writes file after file.
. ./honest.sh
honest
for i in 1 2 3 4 5 6 7 8 9 10; do head -c 20000000 /dev/zero >../result/recon/acc4/$i.h5; sleep 0.2; done
linger
