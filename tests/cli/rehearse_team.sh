# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Sourced behind lib.sh by those who rehearse: sh SCRIPT PROGRAM TEST-DATA FAKE-SUBMISSION TRAINING-TEAM. A team's git
# repository around the fake submission, with a training that prints the official trainer's lines; Python without torch.
export XDG_CACHE_HOME="$work/cache" GIT_CONFIG_GLOBAL="$work/gitconfig" GIT_CONFIG_NOSYSTEM=1
git config --global user.name team
git config --global user.email team@example.org
git config --global init.defaultBranch main

commit() { git -C "$work/team/code" add -A && git -C "$work/team/code" commit -qm "${1:-more}"; }

# rehearsed_team: committed, with a README, requirements, reconstructions and the score that they have.
rehearsed_team() {
  team weights
  cd "$work/team/code"
  cp "$trainer/log.py" train.py
  echo 1e-4 >../result/weights.pt
  ./fake_submission ../Data/leaderboard ../result/recon weights >/dev/null
  cat >>reconproof.toml <<'END'
[steps.train]
command = ["python3", "train.py", "../Data/train"]
END
  [ -f "$work/claims" ] || claim
  cat "$work/claims" >>reconproof.toml
  cat >README.md <<'END'
# A team
```
├── train.py
└── fake_submission
```
```bash
pip install -r requirements.txt
```
```bash
python train.py ../Data/train
./fake_submission ../Data/leaderboard ../result/recon weights
```
END
  touch requirements.txt
  git init -q
  commit first
  cd "$work"
}
claim() {
  "$program" score --edition snu-2025 --labels "$work/Data/leaderboard" --recon "$work/team/result/recon" --json >"$work/score.json"
  printf '[claims]\n' >"$work/claims"
  for item in total acc4 acc8; do
    printf '%s = "%s"\n' $item "$(sed -n "/\"name\": \"$item\"/{n;s/.*\"printed\": \"\(.*\)\",.*/\1/p}" "$work/score.json")"
  done >>"$work/claims"
}
# rehearse CODE OPTION...: with $steps steps of the training
rehearse() {
  code=$1
  shift
  expect "$code" rehearse "$work/team/code" --steps $steps --python /usr/bin/python3 "$@"
}
steps=2
# step STATE NAME: the line of a step.
step() { grep -q "^  [0-9]  $2 *$1 " "$work/stdout" || fail "step $2 is not $1"; }
