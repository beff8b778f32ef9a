# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The official repository of 2025 as a team hands it in, rehearsed; and copies with one fault each, all named.
branch=2025_baby_varnet
. "$(dirname "$0")/lib.sh"
. "$official/repository.sh"
export XDG_CACHE_HOME="$work/cache" GIT_CONFIG_GLOBAL="$work/gitconfig" GIT_CONFIG_NOSYSTEM=1
git config --global user.name team
git config --global user.email team@example.org
sandboxed || fail "this machine refuses the sandbox: nothing to see here"
net=test_Varnet
sizes="--cascade 2 --chans 4 --sens_chans 2"

# changed FILE EXPRESSION: the copy's fault; the file must really be another one.
changed() {
  cp "$team/code/$1" before
  sed -i "$2" "$team/code/$1"
  ! cmp -s before "$team/code/$1" || fail "$1 was not changed"
}
steps=2
commit() { git -C "$team/code" add -A && git -C "$team/code" commit -qm more; }
rehearse() {
  code=$1
  shift
  expect "$code" rehearse "$team/code" --data "$team/Data" --python "$python" --steps $steps "$@"
  grep -E "BROKEN|READY| - \[" stdout || true
}

echo "== a team's repository: sizes in its scripts, pinned requirements, reconstructions, claims"
repository $branch $net "$data/varnet/best_model-torch1.13.pt"
leaderboard "$team/Data/leaderboard" 1
cp "$data/varnet/val_loss_log-torch1.13.npy" "$team/result/$net/val_loss_log.npy"
for script in train reconstruct; do
  changed $script.sh "s/-b 1 /-b 1 $sizes /"
done
"$python" - >"$team/code/requirements.txt" <<'END'
import importlib.metadata
for name in ("torch", "numpy", "requests", "tqdm", "scikit-image", "pyyaml", "matplotlib"):
    print(f"{name}=={importlib.metadata.version(name)}")
END
# Debian's packages of these tell no version under this name.
printf 'h5py==%s\n' "$("$python" -c 'import h5py; print(h5py.__version__)')" >>"$team/code/requirements.txt"
printf 'opencv-python==%s\n' "$("$python" -c 'import cv2; print(cv2.__version__)')" >>"$team/code/requirements.txt"
by_hand reconstruct.py -n $net -p ../Data/leaderboard $sizes >/dev/null
expect 0 init "$team/code"
expect 0 score --edition snu-2025 --labels "$team/Data/leaderboard" --recon "$team/result/$net/reconstructions_leaderboard" --json
printf '[claims]\n' >>"$team/code/reconproof.toml"
for item in total acc4 acc8; do
  printf '%s = "%s"\n' $item "$(sed -n "/\"name\": \"$item\"/{n;s/.*\"printed\": \"\(.*\)\",.*/\1/p}" stdout)" >>"$team/code/reconproof.toml"
done
git -C "$team/code" init -q
commit
cp -r "$team" good
again() { rm -rf "$team" && cp -r good "$team"; }

# broken STEP KIND TEXT...: the rehearsal ends in 1, and says so.
broken() {
  step=$1 kind=$2
  shift 2
  grep -q "^  [0-9]  $step *BROKEN " stdout || fail "step $step is not broken"
  stdout_has "- [$kind] "
  for text in "$@"; do stdout_has "$text"; done
}

echo "== as it should be: open is only what needs the official GPU"
begun=$(date +%s)
rehearse 6
stdout_has "READY as far as it could be told here; open at reconstruct: exit 6"
stdout_has "[time.official-gpu]"
stdout_has "[memory.gpu]"
[ "$(grep -c " inconclusive: " stdout)" -eq 2 ] || fail "more is open than the two rules about the GPU"
stdout_lacks "BROKEN"
stdout_has "the same twice"
stdout_has "all 3 items print what reconproof.toml says"
took=$(($(date +%s) - begun))
echo "took $took s"
[ $took -lt 300 ] || fail "the rehearsal took $took s"
cp -r "$team/code/.reconproof" good/code/

echo "== 1: a module that is not committed"
again
changed utils/learning/train_part.py 's/^from utils.model.varnet import VarNet$/&\nfrom utils.data.extra import nothing/'
commit
echo "nothing = None" >"$team/code/utils/data/extra.py"
rehearse 1
broken clone uncommitted-file "utils/learning/train_part.py:14: utils/data/extra.py is needed, lies in your folder and is not in HEAD"

echo "== 2: a change that is not committed"
again
changed utils/model/varnet.py 's/^import math$/&\n# better/'
steps=0 && rehearse 1 && steps=2
broken clone uncommitted-file "utils/model/varnet.py is not committed as you have it"

echo "== 3: a requirement is missing"
again
changed requirements.txt '/scikit-image/d'
commit
steps=0 && rehearse 1 && steps=2
broken environment missing-requirement "utils/common/utils.py:7: imports 'skimage', which no requirement brings" "-> add scikit-image=="

echo "== 4: a requirement without a version"
again
changed requirements.txt 's/^tqdm==.*/tqdm/'
commit
steps=0 && rehearse 6 && steps=2
stdout_has "- [unpinned-requirement] warning: requirements.txt:4: 1 of 9 requirements name no version: tqdm"

echo "== 5: an absolute path"
again
changed utils/learning/test_part.py 's/^    model.eval()$/&\n    window = np.load("\/home\/kim\/FastMRI\/window.npy")/'
commit
steps=0 && rehearse 1 && steps=2
broken reconstruct absolute-path "utils/learning/test_part.py:11: reads /home/kim/FastMRI/window.npy, which only your machine has"

echo "== 6: another name of the weights"
again
changed reconstruct.sh "s/test_Varnet/test_varnet/"
commit
steps=0 && rehearse 1 && steps=2
broken readme weight-name "README.md:94: \`sh reconstruct.sh\`: --net_name is 'test_varnet' here and 'test_Varnet' in the declared step, which differs in upper and lower case alone"
changed reconproof.toml '/^command.*reconstruct/s/test_Varnet/test_varnet/'
steps=0 && rehearse 1 && steps=2
broken reconstruct weight-name "reads ../result/test_varnet/checkpoints/best_model.pt, but the weights that are handed in lie at ../result/test_Varnet/checkpoints/best_model.pt"

echo "== 7: weights of another network"
again
changed reconstruct.sh "s/--cascade 2/--cascade 3/"
changed reconproof.toml '/^command.*reconstruct/s/"--cascade", "2"/"--cascade", "3"/'
commit
steps=0 && rehearse 1 && steps=2
broken reconstruct weights-of-another-network "cascades is 3 (the declared command), of the weights 2"

echo "== 8: a setting in an environment variable"
again
changed reconstruct.py "s/^    args = parser.parse_args()$/&\n    args.chans = int(os.environ['VARNET_CHANS'])/"
commit
steps=0 && rehearse 1 && steps=2
broken reconstruct hidden-setting "reconstruct.py:25: reads the environment variable VARNET_CHANS, which nothing sets"
changed reconstruct.py "s/os.environ\['VARNET_CHANS'\]/os.environ.get('VARNET_CHANS', 9)/"
commit
steps=0 && rehearse 1 && steps=2
broken code hidden-setting "reconstruct.py:25: reads the environment variable VARNET_CHANS" "without it the result is another one"

echo "== 9: a log whose epochs are off by one"
again
"$python" -c '
import numpy, sys
log = numpy.load(sys.argv[1])
log[:, 0] += 1
numpy.save(sys.argv[1], log)' "$team/result/$net/val_loss_log.npy"
steps=0 && rehearse 6 && steps=2
stdout_has "- [epoch-off-by-one] warning: ../result/test_Varnet/val_loss_log.npy: "
"$python" -c '
import numpy, sys
numpy.save(sys.argv[1], numpy.load(sys.argv[1])[:-1] - [[1, 0]])' "$team/result/$net/val_loss_log.npy"
steps=0 && rehearse 1 && steps=2
broken log epoch-off-by-one "the weights say that they are of epoch 3"

echo "== 10: a command of the README that fails"
again
changed README.md 's/^python reconstruct.py \/\/ sh reconstruct.sh$/python inference.py --weights best_model.pt/'
commit
steps=0 && rehearse 1 && steps=2
broken readme readme-command "README.md:94: \`python inference.py --weights best_model.pt\`: there is no inference.py in what is cloned"

echo "== 11: the leaderboard in training"
again
changed train.py 's/^\( *\)train(args)$/\1list(Path("\/root\/Data\/leaderboard\/acc4\/kspace").iterdir())\n&/'
commit
rehearse 1
broken train leaderboard "/root/Data/leaderboard/acc4/kspace"

echo "== 12: a score that does not come out"
again
changed reconproof.toml 's/^acc4 = .*/acc4 = "0.9999"/'
steps=0 && rehearse 1 && steps=2
broken score claim "acc4: claimed '0.9999', here "

echo "== 13: a training that does not repeat"
again
changed train.py 's/^\( *\)seed_fix(args.seed)/\1pass/'
commit
rehearse 1
stdout_has "- [training-differs] "

echo "== the README's section has no figure that is not recorded"
again
for language in en ko; do
  expect 0 readme "$team/code" --lang $language
  "$python" "$official/../cli/trace_figures.py" stdout "$team/code/.reconproof/rehearse/rehearse.json" || fail "readme --lang $language"
done
