# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The official U-Net code of 2025 beside ours, with batches of two slices.
branch=2025_baby_unet
edition=snu-2025
. "$(dirname "$0")/lib.sh"

cp -r "$data/varnet/train" "$data/varnet/val" .
mkdir -p leaderboard/acc4 leaderboard/acc8
cp -r val/image leaderboard/acc4/image
cp -r train/image leaderboard/acc8/image
train_both /image "-b 2" "--model unet --batch-size 2"
exchange_checkpoints "-b 2"
