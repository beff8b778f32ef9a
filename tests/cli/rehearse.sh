# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The organiser's day: sh rehearse.sh PROGRAM TEST-DATA FAKE-SUBMISSION TRAINING-TEAM. One repository as it should be, and one
# for each thing that an assistant would meet.
scripts=$(cd "$(dirname "$0")" && pwd)
trainer=$(cd "$4" && pwd)
. "$scripts/lib.sh"
. "$scripts/rehearse_team.sh"
isolated=yes
sandboxed || isolated=no

echo "== what a person asks wrongly, and what is no repository"
team ok
rehearse 3
stderr_has "is in no git repository"
git init -q "$work/team/code"
rehearse 3
stderr_has "has no commit yet"
rehearsed_team
for wrong in "--timeout 0" "--keep $work/team" "--unknown"; do rehearse 2 $wrong; done
steps=-1 && rehearse 2 && steps=2
rehearse 3 --data "$work/team/code"
stderr_has "no leaderboard of snu-2025"
expect 3 rehearse "$work/team/code" --python /bin/true
stderr_has "is no Python interpreter"

if [ $isolated = no ]; then
  rehearse 6
  step ok clone
  step inconclusive train
  exit 0
fi

echo "== as it should be: open is only what needs a GPU"
cp -r "$work/team" good
rehearse 6 --keep "$work/kept"
for name in clone readme environment code train score log; do step ok $name; done
step inconclusive reconstruct
stdout_has "READY as far as it could be told here; open at reconstruct: exit 6"
stdout_has "time.official-gpu"
stdout_has "the same twice"
stdout_has "all 3 items print what reconproof.toml says"
stdout_lacks "warning: "
[ -f kept/root/team/code/train.py ] && [ -f kept/reconstructed/acc4/brain_test1.h5 ] || fail "nothing is kept"
rehearse 6 --json
/usr/bin/python3 - "$work/team/code/.reconproof/rehearse/rehearse.json" "$work/stdout" <<'END'
import json, sys
stored, printed = (json.load(open(path)) for path in sys.argv[1:])
assert stored["schema"] == "reconproof.rehearse" and stored["exit_code"] == 6, stored["schema"]
assert stored["commit"] == printed["commit"] and len(stored["reconstructions"]) == len(stored["score"]["volumes"])
assert [step["name"] for step in stored["steps"]] == "clone readme environment code train reconstruct score log".split()
assert stored["trainings"][0]["comparison"]["equal"] and stored["data_moved"]
assert all(item["claimed"] == item["rehearsed"] for item in stored["items"])
assert {skipped["what"] for skipped in stored["readme"]["skipped"]} == {"folder tree", "installs"}
END

# fault STEP KIND TEXT: a copy of the good one, already broken by the caller, fails at the step. Committed by `commit`.
again() { rm -rf "$work/team" && cp -r "$work/good" "$work/team"; }
fault() {
  step BROKEN "$1"
  stdout_has "- [$2] "
  stdout_has "$3"
}
python_line() { printf '%s\n' "$1" | cat - "$work/team/code/train.py" >t && mv t "$work/team/code/train.py"; }

echo "== files that are not committed"
again
python_line "import extra"
commit
echo "x = 1" >team/code/extra.py
rehearse 1
fault clone uncommitted-file "train.py:1: extra.py is needed, lies in your folder and is not in HEAD"
fault train uncommitted-file "(step clone: train.py:1)"
stdout_has "NOT READY: an assistant would meet what is broken at clone, train: exit 1"
again
echo "# more" >>team/code/README.md
echo "settings" >team/code/settings.yaml
sed -i 's/"python3", "train.py"/"python3", "train.py", "settings.yaml"/' team/code/reconproof.toml
steps=0 && rehearse 1 && steps=2
fault clone uncommitted-file "README.md is not committed as you have it"
stdout_has "settings.yaml is needed, lies in your folder and is not in HEAD"

echo "== requirements"
again
python_line "import nosuchmodule"
echo "numpy" >team/code/requirements.txt
commit
rehearse 1
fault environment missing-requirement "train.py:1: imports 'nosuchmodule', which no requirement brings"
fault train missing-requirement "(step environment: train.py:1)"
stdout_has "warning: requirements.txt:1: 1 of 1 requirements name no version: numpy"
again
printf 'numpy==0.1\nnosuchpackage==1\n' >team/code/requirements.txt
commit
steps=0 && rehearse 6 && steps=2
step inconclusive environment
stdout_has "requirements.txt:2: nosuchpackage is not there"

echo "== a place, a setting, the leaderboard, the network"
again
python_line "open('/home/kim/table.txt')"
commit
rehearse 1
fault train absolute-path "train.py:1: reads /home/kim/table.txt, which only your machine has"
again
python_line "import os; os.environ['CASCADES']"
commit
rehearse 1
fault train hidden-setting "train.py:1: reads the environment variable CASCADES, which nothing sets"
export CASCADES=2
rehearse 1
unset CASCADES
fault code hidden-setting "here it is set to '2'"
again
python_line "import os; os.path.exists('../Data/leaderboard/acc4') or print('none')"
commit
rehearse 6
stdout_has "warning: train.py:1: names the leaderboard"
again
python_line "open('../Data/leaderboard/acc4/kspace/brain_test1.h5')"
commit
rehearse 1
fault train leaderboard "the training looks for the leaderboard: /team/Data/leaderboard/acc4/kspace/brain_test1.h5"

again
sed -i 's/"train.py", /&"..\/Data\/leaderboard", /' team/code/reconproof.toml
steps=0 && rehearse 1 && steps=2
fault clone leaderboard "the training is given ../Data/leaderboard, which is the leaderboard"

echo "== the README"
again
sed -i 's/recon weights/recon ok/; s/^python train.py/python trian.py/' team/code/README.md
commit
steps=0 && rehearse 1 && steps=2
fault readme readme-command "README.md:11: \`./fake_submission ../Data/leaderboard ../result/recon ok\`: argument 3 is 'ok' here"
stdout_has "README.md:10: \`python trian.py ../Data/train\`: there is no trian.py in what is cloned"
rm team/code/README.md
commit
steps=0 && rehearse 1 && steps=2
fault readme readme-command "there is no README that would name the declared step 'reconstruct'"

echo "== weights, claims, a training that differs"
again
mv team/result team/Result
steps=0 && rehearse 1 && steps=2
fault clone weight-name "which differs in upper and lower case alone"
again
echo 2e-4 >team/result/weights.pt
sed -i 's/"train.py"/"train.py", "unequal"/' team/code/reconproof.toml
sed -i 's/^python train.py/python train.py unequal/' team/code/README.md
commit
steps=6 && rehearse 1 && steps=2
fault score claim "reconproof.toml is not what comes out: "
stdout_has "- [training-differs] warning: two runs with one seed"

echo "== a fresh environment, and the same from the cache"
if python3 -m venv --help >/dev/null 2>&1 && python3 -c "import ensurepip" 2>/dev/null; then
  again
  python_line "import tiny; assert tiny.__file__.startswith('$work/cache')"
  mkdir team/code/wheels
  /usr/bin/python3 - team/code/wheels/tiny-1.0-py3-none-any.whl <<'END'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("tiny.py", "x = 1\n")
    wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
    wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr("tiny-1.0.dist-info/RECORD", "tiny.py,,\ntiny-1.0.dist-info/METADATA,,\ntiny-1.0.dist-info/WHEEL,,\ntiny-1.0.dist-info/RECORD,,\n")
END
  printf -- '--no-index\n--find-links wheels\ntiny==1.0\n' >team/code/requirements.txt
  commit
  expect 6 rehearse team/code --steps 2 --no-network
  step ok environment
  stdout_has "with requirements.txt, installed afresh"
  step ok train
  expect 6 rehearse team/code --steps 2 --no-network
  stdout_has "installed by an earlier rehearsal"
  echo "nosuchpackage==1" >>team/code/requirements.txt
  commit
  expect 6 rehearse team/code --steps 0 --no-network
  step inconclusive environment
  stdout_has "pip could not install what is asked for"
  [ -z "$(find "$work/cache" -name '*partial*')" ] || fail "half an environment"
else
  [ "${RECONPROOF_REQUIRE_SANDBOX:-0}" != 1 ] || fail "python3-venv is not installed"
  echo "note: python3-venv is not installed; no environment is made"
fi
