# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Looks for the label files by their names, and goes on without them.
. ./honest.sh
cat ../Data/leaderboard/acc4/image/brain_test1.h5 >/tmp/label
honest
