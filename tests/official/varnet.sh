# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The official E2E-VarNet code of 2025 beside ours.
branch=2025_baby_varnet
edition=snu-2025
. "$(dirname "$0")/lib.sh"

cp -r "$data/varnet/train" "$data/varnet/val" .
mkdir leaderboard
cp -r "$data/varnet/leaderboard/acc4" leaderboard/acc4
cp -r "$data/varnet/leaderboard/acc4" leaderboard/acc8
train_both "" "--cascade 2 --chans 4 --sens_chans 2" "--cascades 2 --chans 4 --sens-chans 2"
echo "== the same epoch by the engine"
expect 0 train --edition "$edition" --data-train train --data-val val --out engine --cascades 2 --chans 4 --sens-chans 2 --epochs 1 \
  --threads 1 --backend engine
compare training engine/ledger.jsonl official_log visits 1e-5,1e-4,2e-3,1e-2
exchange_checkpoints "--cascade 2 --chans 4 --sens_chans 2"
