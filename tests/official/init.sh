# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# `reconproof init` in unmodified copies of every official branch that is there.
branch=2025_baby_varnet
. "$(dirname "$0")/lib.sh"

toml_has() { grep -qF -- "$1" code/reconproof.toml || { cat code/reconproof.toml >&2; fail "reconproof.toml lacks: $1"; }; }

# check_branch NAME EDITION SCRIPT CONTRACT NET DATA
check_branch() {
  if [ ! -d "$SNU/$1" ]; then
    echo "== $1: not there"
    return
  fi
  echo "== $1"
  rm -rf code
  cp -r "$SNU/$1" code
  expect 0 init code
  toml_has "edition = \"$2\""
  toml_has "\"$3\""
  toml_has "contract = \"$4\""
  toml_has "weights = \"../result/$5/checkpoints/best_model.pt\""
  toml_has "outputs = \"../result/$5/reconstructions_leaderboard\""
  toml_has "leaderboard = \"$6/leaderboard\""
  toml_has "train = \"$6/train\""
  toml_has "val = \"$6/val\""
  toml_has '"train.py"'
  case $1 in
    *unet*) toml_has 'inputs = ["image"]' ;;
    *) toml_has '# inputs = ' ;;
  esac
  case $1 in
    *2023*|*unet*) ! grep -q "upper and lower case" stderr || fail "names are the same in $1" ;;
    *) stderr_has "upper and lower case" ;;
  esac
}

check_branch 2023_baby_varnet snu-2023 reconstruct.py whole test_varnet /Data
check_branch 2023_baby_unet snu-2023 reconstruct.py whole test_Unet /Data
check_branch 2024_baby_varnet snu-2024 reconstruct.py whole test_Varnet /home/Data
check_branch 2024_baby_unet snu-2024 reconstruct.py whole test_Unet /home/Data
check_branch 2025_baby_varnet snu-2025 reconstruct.py whole test_Varnet /root/Data
check_branch 2025_baby_unet snu-2025 reconstruct.py whole test_Unet /root/Data
check_branch 2026_baby_varnet snu-2026 reconstruct.py whole test_Varnet /root/Data
check_branch 2026_baby_varnet_phase2 snu-2026 recon_eval.py slice test_Varnet /root/Data
check_branch 2026_baby_unet snu-2026 reconstruct.py whole test_Unet /root/Data
check_branch 2026_baby_unet_phase2 snu-2026 recon_eval.py slice test_Unet /root/Data
