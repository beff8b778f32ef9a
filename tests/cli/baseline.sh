# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# train and reconstruct through the harness: a tiny training, its files, and each refusal.
. "$(dirname "$0")/lib.sh"
small="--slices 2 --coils 4 --height 64 --width 64"
tiny="--cascades 1 --chans 2 --sens-chans 2 --threads 1"

expect 0 data synth --out train $small --volumes 2 --seed 1
expect 0 data synth --out val $small --volumes 1 --seed 2
expect 0 data synth --out leaderboard --layout leaderboard $small --volumes 1 --seed 3

expect 0 train --data-train train --data-val val --out run $tiny --epochs 2 --seed 7 --report-interval 1
stdout_has "Epoch = [  0/  2] Iter = [   0/   4] Loss = "
stdout_has "NewRecord"
for file in checkpoints/best_model.safetensors checkpoints/last.safetensors val_loss_log.npy ledger.jsonl; do
  [ -s "run/$file" ] || fail "no $file"
done
expect 0 train --data-train train --data-val val --out again $tiny --epochs 2 --seed 7
cmp run/checkpoints/last.safetensors again/checkpoints/last.safetensors || fail "one seed, two trainings, other weights"
expect 0 train --data-train train --data-val val --out other $tiny --epochs 2 --seed 8
! cmp -s run/checkpoints/last.safetensors other/checkpoints/last.safetensors || fail "two seeds, the same weights"

stderr_has "--backend engine trains several times faster on this processor"
expect 0 train --data-train train --data-val val --out engine $tiny --epochs 2 --seed 7 --backend engine
grep -q '"backend":"engine (' engine/ledger.jsonl || fail "the ledger does not name the engine"
cmp -s run/ledger.jsonl engine/ledger.jsonl && fail "the engine's ledger is LibTorch's, to the last digit"
expect 0 train --data-train train --data-val val --out engine2 ${tiny% 1} 2 --epochs 2 --seed 7 --backend auto --gradient-checkpointing
cmp engine/checkpoints/last.safetensors engine2/checkpoints/last.safetensors || fail "the engine's weights depend on threads or memory"
expect 2 train --data-train train --data-val val --out none $tiny --backend gpu
stderr_has "--backend gpu: expected auto, engine, libtorch or graph"
expect 3 train --data-train train --data-val val --out none $tiny --backend graph
stderr_has "--backend graph: records VarNets on an NVIDIA GPU"
[ ! -e none ] || fail "a refused training left a folder"
expect 3 train --data-train train --data-val val --out none --model unet --backend engine
stderr_has "--backend engine: computes VarNets of fp32 on a processor"

weights=run/checkpoints/best_model.safetensors
reconstruct() {
  code=$1
  shift
  expect "$code" reconstruct --edition snu-2025 --threads 1 "$@"
}
reconstruct 0 --weights $weights --data leaderboard --out out
[ -f out/acc4/brain_test1.h5 ] && [ -f out/acc8/brain_test1.h5 ] || fail "no reconstructions"
expect 0 score --edition snu-2025 --labels leaderboard --recon out
reconstruct 0 --weights $weights --data leaderboard --out out2 --ref out --max-nmse 0
reconstruct 0 --weights $weights --data leaderboard --out out2 --backend engine --ref out --max-nmse 0
reconstruct 0 --weights $weights --data leaderboard --out out2 --backend libtorch --ref out --max-nmse 1e-11
reconstruct 5 --weights $weights --data leaderboard --out out2 --backend libtorch --ref out --max-nmse 0
reconstruct 2 --weights $weights --data leaderboard --out none --backend gpu
stderr_has "--backend gpu: expected auto, engine, libtorch or graph"
expect 2 reconstruct --method zero-filled --backend engine --data leaderboard --out none
stderr_has "reconstruct: --backend goes with --method network, not zero-filled"
reconstruct 5 --weights other/checkpoints/last.safetensors --data leaderboard --out out3 --ref out --max-nmse 1e-9
mkdir -p empty/acc4 empty/acc8
reconstruct 3 --weights $weights --data leaderboard --out out4 --ref empty --max-nmse 0
stderr_has "empty/acc4: no volumes (*.h5) to compare with"

reconstruct 3 --weights nowhere.safetensors --data leaderboard --out none
reconstruct 3 --weights $weights --data nowhere --out none
truncate -s 1000 other/checkpoints/last.safetensors
reconstruct 3 --weights other/checkpoints/last.safetensors --data leaderboard --out none
expect 2 reconstruct --edition snu-1999 --weights $weights --data leaderboard --out none
expect 2 reconstruct --frobnicate
expect 2 train --data-train train --data-val val --out none --epochs 0
expect 2 train --data-train train --data-val val --out none --cascades 0
expect 3 train --data-train nowhere --data-val val --out none
[ ! -e none ] || [ -z "$(find none -type f)" ] || fail "something was written"

truncate -s 5000 leaderboard/acc8/kspace/brain_test1.h5
reconstruct 3 --weights $weights --data leaderboard --out broken
stderr_has "acc8/kspace/brain_test1.h5"
[ ! -e broken/acc8/brain_test1.h5 ] || fail "a reconstruction of a broken file"

# pace: how long a slice takes here.
baseline=$(dirname "$program")/reconproof-baseline
pace() {
  wanted=$1
  shift
  got=0
  "$baseline" pace --threads 1 "$@" >"$work/stdout" 2>"$work/stderr" || got=$?
  [ "$got" -eq "$wanted" ] || fail "pace $*: exit $got, expected $wanted"
}
pace 0 --shape 4x64x64 --slices 2 --chans 2 --sens-chans 2 --json
stdout_has '"schema": "reconproof.pace"'
stdout_has '"device": "c'
stdout_has '"coils": 4'
grep -q '"peak_bytes": [1-9]' "$work/stdout" || fail "no peak of memory"
grep -q '"ms_per_slice": [0-9.]*[1-9]' "$work/stdout" || fail "no time"
pace 0 --shape 4x64x64 --slices 1 --chans 2 --sens-chans 2
stdout_has " ms a slice on c"
pace 0 --shape 4x64x64 --slices 1 --chans 2 --sens-chans 2 --training --backend engine
stdout_has " ms a training step on c"
pace 0 --shape 4x64x64 --slices 1 --chans 2 --sens-chans 2 --training --gradient-checkpointing --json
stdout_has '"training": true'
pace 3 --shape 4x64x64 --training --backend graph
stderr_has "--backend graph: records VarNets on an NVIDIA GPU"
pace 2 --shape 4x64x64 --gradient-checkpointing
stderr_has "--gradient-checkpointing goes with --training"
pace 2 --shape 4x64
stderr_has "expected COILSxROWSxCOLUMNS"
pace 2 --slices 0
stderr_has "--slices is 0"
pace 2 --cascades 0
stderr_has "cascades is 0"
