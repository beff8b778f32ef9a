# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The official training of 2025, unmodified, under `run`: killed, started again, and the same as by hand.
branch=2025_baby_varnet
. "$(dirname "$0")/lib.sh"
. "$official/../cli/record_lib.sh"
cd code
touch reconproof.toml
recorded_training "$python" "$official/on_cpu.py" train.py -n net -e 10 -r 1 -t "$data/varnet/train/" -v "$data/varnet/val/" \
  --cascade 2 --chans 4 --sens_chans 2
expect 0 runs show last
stdout_has "430 (train.py:"
stdout_has "torch="
expect 0 runs import ../result/net/val_loss_log.npy
stdout_has "1 runs read, 1 of them new"
