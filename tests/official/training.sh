# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The official repository of 2025, unmodified, for six steps under the checker; and copies with one fault each, all named.
# Those of 2024 and 2026, unmodified, too.
branch=2025_baby_varnet
. "$(dirname "$0")/lib.sh"
sandboxed || fail "this machine refuses the sandbox: nothing to see here"

# repository BRANCH EDITION THREADS: an unmodified checkout with data and a declared training, in $team.
repository() {
  team=$work/$1
  rm -rf "$team"
  mkdir -p "$team/result/net/checkpoints" "$team/Data"
  cp -r "$SNU/$1" "$team/code"
  cp "$data/varnet/best_model-torch1.13.pt" "$team/result/net/checkpoints/best_model.pt"
  cp -r "$data/varnet/train" "$data/varnet/val" "$data/varnet/leaderboard" "$team/Data"
  cat >"$team/code/reconproof.toml" <<END
[project]
name = "$1"
edition = "$2"
[data]
train = "../Data/train"
val = "../Data/val"
leaderboard = "../Data/leaderboard"
[steps.reconstruct]
command = ["$python", "reconstruct.py"]
weights = "../result/net/checkpoints/best_model.pt"
outputs = "../result/net/reconstructions_leaderboard"
[steps.train]
command = ["$python", "train.py", "-n", "net", "-e", "1", "-r", "1", "-t", "../Data/train/", "-v", "../Data/val/", "--cascade", "2",
  "--chans", "4", "--sens_chans", "2"]
[steps.train.env]
OMP_NUM_THREADS = "$3"
OMP_WAIT_POLICY = "PASSIVE"
END
}
# judged CODE STARTS SEEDED REPEAT FRESH TEXT...
judged() {
  expect "$1" check "$team/code" --only training.
  grep training. stdout
  stdout_has "$(printf '%-14s%s' "$2" training.starts)"
  stdout_has "$(printf '%-14s%s' "$3" training.seeded)"
  stdout_has "$(printf '%-14s%s' "$4" training.repeat)"
  stdout_has "$(printf '%-14s%s' "$5" training.fresh-weights)"
  shift 5
  for text in "$@"; do stdout_has "$text"; done
}
# changed FILE EXPRESSION: the copy's fault; the file must really be another one.
changed() {
  cp "$team/code/$1" before
  sed -i "$2" "$team/code/$1"
  ! cmp -s before "$team/code/$1" || fail "$1 was not changed"
}
p=pass i=inconclusive f=FAIL w=warning

echo "== unmodified"
repository $branch snu-2025 1
judged 6 $p $p $p $p "trained 6 steps" "two runs of 6 steps: losses, gradients and weights are equal, bit for bit"

echo "== watching changes nothing: the same weights as by hand"
watched=$(sed -n 's/.* "weights_sha256": "\(.*\)".*/\1/p' "$team/code/.reconproof/check/check.json" | head -1)
(cd "$team/code" && "$python" "$official/on_cpu.py" train.py -n byhand -e 1 -r 1 -t ../Data/train/ -v ../Data/val/ \
  --cascade 2 --chans 4 --sens_chans 2 >/dev/null 2>&1) || fail "train.py by hand"
expect 0 convert "$team/result/byhand/checkpoints/model.pt" byhand.safetensors --json
stdout_has "\"weights_sha256\": \"$watched\""

echo "== seeding removed"
repository $branch snu-2025 1
changed train.py 's/^\( *\)seed_fix(args.seed)/\1pass/'
judged 1 $p $f $w $p "nothing set a seed" "they first differ before the first step" "iteration 0: loss"

echo "== an unseeded augmentation from step 3"
repository $branch snu-2025 1
changed utils/learning/train_part.py 's/^\( *\)output = model(kspace, mask)$/\1if model.training and iter >= 3: kspace = kspace * (0.5 + np.random.default_rng().random())\n&/'
judged 6 $p $p $w $p "they first differ at iteration 3: loss" "an augmentation" "iteration 3: loss"

echo "== a shuffle that is not seeded"
repository $branch snu-2025 1
changed utils/data/load_data.py 's/^\( *\)shuffle=shuffle,/&\n\1generator=generator(),/
s/^import random$/import os, random, torch\n\ndef generator():\n    return torch.Generator().manual_seed(int.from_bytes(os.urandom(4), "little"))\n/'
judged 6 $p $p $w $p "the data come in another order"

echo "== given weights, whole and in part"
repository $branch snu-2025 1
cp "$data/varnet/best_model-torch1.13.pt" "$team/code/start.pt"
changed utils/learning/train_part.py 's/^\( *\)model.to(device=device)$/&\n\1model.load_state_dict(torch.load("start.pt", map_location="cpu")["model"])/'
judged 1 $p $p $p $f "stay the same, bit for bit, under another seed" "these weights are given" "sens_net."
changed utils/learning/train_part.py 's/torch.load("start.pt", map_location="cpu")\["model"\])/{k: v for k, v in torch.load("start.pt", map_location="cpu")["model"].items() if k.startswith("cascades.0")}, strict=False)/'
judged 1 $p $p $p $f "these weights are given" "cascades.0.model"

echo "== a look at the leaderboard"
repository $branch snu-2025 1
changed train.py 's/^\( *\)train(args)$/\1list(Path("..\/Data\/leaderboard\/acc4\/kspace").iterdir())\n&/'
judged 1 $f $i $i $i "looked for the leaderboard" "/team/Data/leaderboard/acc4/kspace"

echo "== a download"
repository $branch snu-2025 1
changed train.py 's/^\( *\)train(args)$/\1torch.hub.load_state_dict_from_url("https:\/\/download.example\/start.pth")\n&/'
judged 1 $f $i $i $i "tried to reach the network" "asked for https://download.example/start.pth"

echo "== unmodified, with two threads"
repository $branch snu-2025 2
judged 6 $p $p $p $p

for other in 2026_baby_varnet 2026_baby_varnet_phase2; do
  [ -d "$SNU/$other" ] || continue
  echo "== unmodified: $other"
  repository $other snu-2026 1
  judged 6 $p $p $p $p
done
