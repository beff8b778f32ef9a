# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Changes k-space, mask, weights and code, or tries to.
. ./honest.sh
for input in ../Data/leaderboard/acc4/kspace/brain_test1.h5 ../result/weights.pt ./honest.sh; do
  echo spoilt >>$input
  true >$input
  mv $input $input.old
  chmod 666 $input
  rm -f $input
done
echo new >../Data/leaderboard/acc4/kspace/new.h5
honest
