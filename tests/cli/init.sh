# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# init: what it writes by itself, and what it reads from a repository that looks like an official one.
. "$(dirname "$0")/lib.sh"

toml_has() { grep -qF -- "$2" "$1/reconproof.toml" || { cat "$1/reconproof.toml" >&2; fail "reconproof.toml lacks: $2"; }; }

mkdir team
expect 2 init team
stderr_has "nothing here tells the edition"
stderr_has "give --edition E (one of snu-2021"
stderr_is_one_line
[ ! -e team/reconproof.toml ] || fail "a file was written without an edition"
expect 0 init team --name 'our "net"' --edition snu-2025
stdout_has "Fill in your commands"
toml_has team 'name = "our \"net\""'
before=$(cat team/reconproof.toml)
expect 2 init team
stderr_has "exists already"
[ "$before" = "$(cat team/reconproof.toml)" ] || fail "an existing file was changed"
expect 2 init . --edition snu-1999
[ ! -e reconproof.toml ] || fail "a file was written for an unknown edition"
expect 3 init nowhere
# What init writes is understood; what it points to is not there yet.
expect 3 check team
stderr_has "best_model.pt: No such file or directory"
stderr_is_one_line
expect 3 check .
stderr_has "run \`reconproof init\` there first"
printf '\n[projekt]\n' >>team/reconproof.toml
expect 3 check team
stderr_has "projekt: unknown key"

# repository FOLDER YEAR INPUT-KEY: scripts of our own with the options and places that the official ones have.
repository() {
  mkdir -p "$1/utils/learning"
  printf '# %s baby net\n' "$2" >"$1/README.md"
  printf '%s\n' "a.add_argument('-n', '--net_name', default='test_varnet')" \
    "a.add_argument('-p', '--path_data', default='/Data/leaderboard/')" \
    "a.add_argument('--cascade', default=1)" "a.add_argument('--input_key', default='$3')" \
    "args.exp_dir = '../result' / args.net_name / 'checkpoints'" \
    "args.forward_dir = '../result' / args.net_name / 'reconstructions_leaderboard' / 'acc4'" >"$1/reconstruct.py"
  printf '%s\n' "a.add_argument('-n', '--net-name', default='test_varnet')" \
    "a.add_argument('-t', '--data-path-train', default='/Data/train/')" \
    "a.add_argument('-v', '--data-path-val', default='/Data/val/')" "a.add_argument('--cascade', default=1)" >"$1/train.py"
  echo "torch.load(args.exp_dir / 'best_model.pt')" >"$1/utils/learning/test_part.py"
  # What is not executed cannot leave a trace.
  printf '%s\n' "touch '$work/executed'" "python3 reconstruct.py \\" "  -b 1 \\" "  -n 'test_Varnet' \\" \
    "  -p '../Data/leaderboard' --cascade 2" >"$1/reconstruct.sh"
  printf '%s\n' "python3 train.py -n \"test_Varnet\" \\" " -t '../Data/train/' -v '../Data/val/'" >"$1/train.sh"
}

repository 2025 2025 kspace
expect 0 init 2025
toml_has 2025 'edition = "snu-2025"'
toml_has 2025 'command = ["python3", "reconstruct.py", "-b", "1", "-n", "test_Varnet", "-p", "../Data/leaderboard", "--cascade", "2"]'
toml_has 2025 'command = ["python3", "train.py", "-n", "test_Varnet", "-t", "../Data/train/", "-v", "../Data/val/"]'
toml_has 2025 'weights = "../result/test_Varnet/checkpoints/best_model.pt"'
toml_has 2025 'outputs = "../result/test_Varnet/reconstructions_leaderboard"'
toml_has 2025 'train = "../Data/train"'
toml_has 2025 'leaderboard = "../Data/leaderboard"'
toml_has 2025 '# inputs = '
stdout_has "edition      snu-2025   (README.md:1)"
stdout_has "name         test_Varnet   (reconstruct.sh:4)"
stdout_has "leaderboard  ../Data/leaderboard   (reconstruct.sh:5)"
stdout_has "weights      ../result/test_Varnet/checkpoints/best_model.pt   (reconstruct.py:5, utils/learning/test_part.py:1)"
stderr_has "differs in upper and lower case alone"
stderr_has "--cascade is 1 in train.py:4 and 2 in reconstruct.sh:5"
stderr_has "best_model.pt is not there yet; train first"
stderr_has "reconstruct.sh:1: also runs 'touch'"
[ ! -e executed ] || fail "a file of the repository was executed"

# Signs that contradict each other, and a choice.
repository mixed 2024 image_input
echo "mask[label > 2e-5] = 1" >mixed/leaderboard_eval.py
expect 2 init mixed
stderr_has "signs of more than one edition: snu-2024 (README.md:1); snu-2025 (leaderboard_eval.py:1)"
expect 0 init mixed --edition snu-2024
toml_has mixed 'edition = "snu-2024"'
toml_has mixed 'inputs = ["image"]'
stdout_has "snu-2024   (as you chose)"

# The second phase of 2026 is measured in slices.
repository 2026 2026 kspace
sed 's/forward_dir/recon_base/; 1i # recon_slice' 2026/reconstruct.py >2026/recon_eval.py
echo "python3 recon_eval.py -n test_Varnet -p ../Data/leaderboard" >2026/recon_eval.sh
expect 0 init 2026
toml_has 2026 'contract = "slice"'
toml_has 2026 'command = ["python3", "recon_eval.py", "-n", "test_Varnet", "-p", "../Data/leaderboard"]'

expect 3 check 2026
stderr_has "best_model.pt: No such file or directory"

# A name that would move the cursor does not.
repository hostile 2025 kspace
printf 'python3 reconstruct.py -n "\033[2J" -p x\n' >hostile/reconstruct.sh
expect 0 init hostile
stdout_has '\x1b[2J'
! grep -q "$(printf '\033')" stdout stderr || fail "an escape sequence reached the terminal"

# A file that is not understood is the command itself; what was detected can be checked as it stands.
team ok
repository detected 2025 kspace
rm team/code/reconproof.toml
cp -r detected/. team/code
mkdir -p team/result/test_varnet/checkpoints
cp team/result/weights.pt team/result/test_varnet/checkpoints/best_model.pt
sed -i "s|/Data/leaderboard/|../Data/leaderboard/|" team/code/reconstruct.py
sed -i "s|/Data/|../Data/|" team/code/train.py
rm team/code/train.sh
echo "./fake_submission ../Data/leaderboard ../result/test_varnet/reconstructions_leaderboard ok | cat" >team/code/reconstruct.sh
mkdir -p team/Data/val
expect 0 init team/code
stderr_has "reconstruct.sh:1: '|' is more than is understood here; so the command is the file itself"
toml_has team/code 'command = ["bash", "reconstruct.sh"]'
expect 6 check team/code --training-steps 0  # its train.py is none
stdout_has "pass          run.completes"
stdout_has "pass          layout.volumes"
