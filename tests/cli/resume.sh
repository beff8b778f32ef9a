# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Training that is cut off, at any moment and by a full disk, ends with the weights of one that was not.
. "$(dirname "$0")/lib.sh"
baseline=$(dirname "$program")/reconproof-baseline
export OMP_WAIT_POLICY=PASSIVE

expect 0 data synth --out train --slices 4 --coils 4 --height 64 --width 64 --volumes 4 --seed 1
expect 0 data synth --out val --slices 2 --coils 4 --height 64 --width 64 --volumes 1 --seed 2
arguments="--data-train train --data-val val --cascades 1 --chans 2 --sens-chans 2 --threads 1 --epochs 3 --seed 7
  --flips --remask 4,8 --lr-schedule cosine --batch-size 3 --save-interval 2 --keep-every 1"

# last_hash RUN: the SHA-256 of the weights in the ledger's last line.
last_hash() { tail -n 1 "$1/ledger.jsonl" | sed 's/.*"weights_sha256":"\([0-9a-f]*\)".*/\1/'; }
kinds() { sed 's/.*"kind":"\([a-z]*\)".*/\1/' "$1/ledger.jsonl" | sort | uniq -c | tr -s ' \n' ' '; }

expect 0 train $arguments --out whole
# --resume where there is no run begins one.
expect 0 train $arguments --out whole_too --resume
cmp whole/ledger.jsonl whole_too/ledger.jsonl || fail "--resume changes a new run"

# Killed five times at moments spread over the run (as a share of the uninterrupted run's duration), then resumed.
start=$(date +%s%N)
expect 0 train $arguments --out timed
duration=$(($(date +%s%N) - start))
kill_and_resume() {
  share=$1
  run=killed_$share
  "$baseline" train $arguments --out "$run" --resume >/dev/null 2>&1 &
  child=$!
  sleep "$(echo "$duration $share" | awk '{ printf "%.3f", $1 * $2 / 100 / 1e9 }')"
  kill -9 "$child" 2>/dev/null || true
  wait "$child" 2>/dev/null || true
  expect 0 train $arguments --out "$run" --resume
  [ "$(last_hash whole)" = "$(last_hash "$run")" ] || fail "killed at $share %: other weights"
  cmp whole/checkpoints/last.safetensors "$run/checkpoints/last.safetensors" || fail "$share %: last differs"
  cmp whole/checkpoints/best_model.safetensors "$run/checkpoints/best_model.safetensors" || fail "$share %: best differs"
  cmp whole/checkpoints/epoch_0002.safetensors "$run/checkpoints/epoch_0002.safetensors" || fail "$share %: epoch 2 differs"
  cmp whole/val_loss_log.npy "$run/val_loss_log.npy" || fail "$share %: val_loss_log differs"
  diff -r whole/reconstructions_val "$run/reconstructions_val" || fail "$share %: reconstructions_val differs"
  [ -z "$(find "$run" -name '*.partial*')" ] || fail "$share %: something of the killed run stays"
}
for share in ${RECONPROOF_KILL_SHARES:-$(awk 'BEGIN { srand(); for (i = 0; i < 5; i++) print 10 + int(85 * rand()) }')}; do
  kill_and_resume "$share"
done

# Several kills of one run, the second before it could begin.
for delay in 0.05 0.6 0.9; do
  "$baseline" train $arguments --out many --resume >/dev/null 2>&1 &
  child=$!
  sleep $delay
  kill -9 "$child" 2>/dev/null || true
  wait "$child" 2>/dev/null || true
done
expect 0 train $arguments --out many --resume
[ "$(last_hash whole)" = "$(last_hash many)" ] || fail "killed thrice: other weights"
# A complete run stays as it is.
cp many/ledger.jsonl before.jsonl
expect 0 train $arguments --out many --resume
stderr_has "this training is complete"
cmp many/ledger.jsonl before.jsonl || fail "a complete run was changed"

# What makes another training of it is refused; what may change is told and recorded.
expect 2 train $arguments --out many
stderr_has "holds another training run"
expect 2 train --data-train train --data-val val --out many --resume --cascades 2 --chans 2 --sens-chans 2 --threads 1
stderr_has "--resume: batch_size was 3"
expect 2 train $arguments --seed 8 --out many --resume
stderr_has "'--seed' cannot be specified more than once"
expect 0 train $(echo "$arguments" | sed 's/--epochs 3/--epochs 4/') --out many --resume
stderr_has "epochs changes from 3 to 4"
kinds many | grep -q "resume" || fail "the ledger does not tell of the resumption"

# A ledger that was altered below the saved state is not gone on with.
cp -r whole altered
sed -i '3s/"loss":0/"loss":1/' altered/ledger.jsonl
expect 4 train $(echo "$arguments" | sed 's/--epochs 3/--epochs 4/') --out altered --resume
stderr_has "altered/ledger.jsonl:4"
cp -r whole stateless
rm stateless/checkpoints/training_state.safetensors
expect 3 train $arguments --out stateless --resume
stderr_has "there is no state to resume from"

# Two trainings in one folder at once: the second is refused.
long=$(echo "$arguments" | sed 's/--epochs 3/--epochs 400/')
"$baseline" train $long --out busy --resume >/dev/null 2>&1 &
child=$!
while [ ! -s busy/checkpoints/training_state.safetensors ]; do sleep 0.05; done
expect 2 train $long --out busy --resume
kill -9 "$child"
wait "$child" 2>/dev/null || true
stderr_has "another training is still writing it"

# A loss that is not finite: where, and what is kept.
expect 3 train $(echo "$arguments" | sed 's/--lr-schedule cosine//') --lr 1e30 --out diverged
stderr_has "training stopped at iteration 1: the"
stderr_has "diverged/checkpoints/training_state.safetensors (iteration 0)"
tail -n 1 diverged/ledger.jsonl | grep -q '"kind":"stop"' || fail "the ledger does not tell of the stop"

# Memory that is not there: what to change.
expect 70 train $arguments --memory-limit 20MiB --out starved
stderr_has "out of memory: a training step on (4, 64, 64) takes about"

# Corrupt volumes are named before training, all of them.
cp -r train rotten
truncate -s 3000 rotten/kspace/brain_acc4_1.h5
truncate -s 3000 rotten/image/brain_acc4_3.h5
expect 3 train --data-train rotten --data-val val --out spoiled --cascades 1 --chans 2 --sens-chans 2 --threads 1
stderr_has "rotten/kspace/brain_acc4_1.h5"
stderr_has "rotten/image/brain_acc4_3.h5"
stderr_has "2 of 5 volumes cannot be used"
[ ! -e spoiled/checkpoints ] || fail "something was trained on corrupt data"

# A full disk: one clear message, the state of before is whole, and the run goes on once there is room.
if unshare -rm true 2>/dev/null; then
  # Full while the ledger begins, while the first state is written, and later.
  cat >full_disk.sh <<'INNER'
set -eu
mkdir -p disk
for size in 8k 24k 420k; do
  mount -t tmpfs -o size=$size tmpfs disk
  code=0
  "$1" train $2 --out disk/run >/dev/null 2>message || code=$?
  [ "$code" -eq 70 ] || { echo "exit $code"; cat message; exit 1; }
  tail -n 1 message | grep -q "cannot write .*: No space left on device"
  [ -z "$(find disk -name '*.partial*')" ] || { find disk; exit 1; }
  mount -o remount,size=40m disk
  "$1" train $2 --out disk/run --resume >/dev/null 2>message || { cat message; exit 1; }
  cp -r disk/run "after_full_disk_$size"
  umount disk
done
INNER
  unshare -rm sh full_disk.sh "$baseline" "$arguments" >stdout 2>stderr || fail "full disk"
  for size in 8k 24k 420k; do
    [ "$(last_hash whole)" = "$(last_hash after_full_disk_$size)" ] || fail "full disk, $size: other weights"
  done
elif [ "${RECONPROOF_REQUIRE_SANDBOX:-}" = 1 ]; then
  fail "no user namespace to make a full disk in"
else
  echo "no user namespace: the full disk was not tested"
fi
