# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# A bundle is run again, and what comes out is compared with what it says: sh reproduce.sh PROGRAM TEST-DATA FAKE-SUBMISSION
# TRAINING-TEAM. One bundle for each thing that can be exchanged, and for each way to ask for more than a bundle may have.
scripts=$(cd "$(dirname "$0")" && pwd)
trainer=$(cd "$4" && pwd)
. "$scripts/lib.sh"
isolated=yes
sandboxed || isolated=no
mkdir "$work/tmp"
export TMPDIR="$work/tmp"
clean() {
  [ -z "$(ls -A "$TMPDIR")" ] || fail "left in TMPDIR: $(ls "$TMPDIR")"
  [ -z "$(find "$work" -name '*partial*')" ] || fail "half-written files"
}

# reproduce CODE OPTION...: of bundle.tar, with the team's data.
reproduce() {
  wanted_code=$1
  shift
  expect "$wanted_code" reproduce bundle.tar --data "$work/Data" "$@"
  clean
}
# says COMPARISON TIER: the line of a comparison.
says() { stdout_has "$(printf '%-32s %s' "$1" "$2")"; }
rc="recomputed against claimed" eb="re-executed against bundled" ec="re-executed against claimed"

# reconstruct: the team runs its own command, by hand.
reconstruct() { (cd "$work/team/code" && ./fake_submission ../Data/leaderboard ../result/recon "$1" >/dev/null); }
claim_score() {
  "$program" score --edition snu-2025 --labels "$work/Data/leaderboard" --recon "$work/team/result/recon" --json >score.json
  printf '[claims]\n' >>"$work/team/code/reconproof.toml"
  for item in total acc4 acc8; do
    printf '%s = "%s"\n' $item "$(sed -n "/\"name\": \"$item\"/{n;s/.*\"printed\": \"\(.*\)\",.*/\1/p}" score.json)"
  done >>"$work/team/code/reconproof.toml"
}
pack() { expect 0 pack "$work/team/code" -o bundle.tar --unchecked; }
# bundle_of MODE: a team in this mode, whose bundle claims what its reconstructions score.
bundle_of() {
  team "$1"
  echo 1e-4 >"$work/team/result/weights.pt"
  reconstruct "$1"
  claim_score
  pack
}
# forge COMMAND...: changes the files of the bundle's folder, and packs them with manifests that fit.
forge() {
  rm -rf forged
  mkdir forged
  tar -xf bundle.tar -C forged
  (cd forged/fake && "$@")
  python3 "$scripts/forge_bundle.py" forged/fake bundle.tar
  expect 0 verify bundle.tar
}
# in_declarations SED: the same change in reconproof.toml and meta/submission.json.
in_declarations() { sed -i "$1" data/code/reconproof.toml meta/submission.json; }

# What a person asks wrongly, and what is no bundle.
bundle_of weights
for wrong in "--train 0" "--rules nyu-knee" "--timeout 0" "--limit-memory 0" "--limit-processes 0" "--keep $work/team"; do
  reproduce 2 $wrong
  stderr_is_one_line
done
expect 2 reproduce
for wrong in "--data nowhere" "--read-only nowhere" "--rules nowhere.toml"; do
  expect 3 reproduce bundle.tar $wrong
  stderr_is_one_line
  clean
done
expect 3 reproduce nowhere.tar --data "$work/Data"
cp bundle.tar good.tar
LC_ALL=C sed -i 's/1e-4/9e-4/' bundle.tar
reproduce 4
stdout_has "NOT VERIFIED"
stdout_has "nothing of it was run"
reproduce 4 --json
stdout_has '"schema": "reconproof.reproduce"'
stdout_has '"exit_code": 4'
truncate -s 2000 bundle.tar
reproduce 3
stdout_has "nothing of it was run"
cp good.tar bundle.tar

# Without data nothing can be compared; without labels images can; without k-space the score can.
expect 6 reproduce bundle.tar
stdout_has "no data were given (--data DIR)"
stdout_has "INCONCLUSIVE: $rc, $eb, $ec"

if [ $isolated = no ]; then
  reproduce 6
  says "$rc" score
  says "$eb" inconclusive
  stdout_has "a bundle's command only runs in a sandbox"
  exit 0
fi
mkdir refuses
printf '#!/bin/sh\nexit 1\n' >refuses/bwrap
chmod +x refuses/bwrap
got=0
PATH="$work/refuses:$PATH" "$program" reproduce bundle.tar --data "$work/Data" >stdout 2>stderr || got=$?
[ $got -eq 6 ] || fail "without bubblewrap: exit $got"
says "$rc" score
says "$eb" inconclusive
stdout_has "a bundle's command only runs in a sandbox"

mkdir labels_only kspace_only
cp -r "$work/Data/leaderboard" labels_only/leaderboard
cp -r "$work/Data/leaderboard" kspace_only/leaderboard
rm -r labels_only/leaderboard/*/kspace kspace_only/leaderboard/*/image
expect 6 reproduce bundle.tar --data labels_only
says "$rc" score
says "$eb" inconclusive
stdout_has "leaderboard data: "
expect 6 reproduce bundle.tar --data kspace_only
says "$rc" inconclusive
says "$eb" bitwise
stdout_has "the data have no labels"

# The honest bundle, checked by its team: bit for bit; the bundle is not touched.
expect 6 check "$work/team/code" --only run.,layout.,values.,score.,outputs.
expect 0 pack "$work/team/code" -o bundle.tar
sha256sum bundle.tar >before
reproduce 0 --keep kept
says "$rc" score
says "$eb" bitwise
says "$ec" score
stdout_has "all 4 volumes, every value bit for bit; of their files 4 are the same byte for byte"
stdout_has "all 3 claimed items are the same to the printed digit"
stdout_has "the team's own check found"
stdout_has "REPRODUCED, bitwise: exit 0"
sha256sum --quiet -c before
[ -f kept/re-executed/acc8/brain_test2.h5 ] || fail "the reconstructions were not kept"
[ -f kept/root/team/result/weights.pt ] || fail "the workspace was not kept"
[ ! -e kept/root/team/code/.reconproof ] || fail "our own files are left in the team's code"
"$program" score --edition snu-2025 --labels "$work/Data/leaderboard" --recon kept/re-executed --json >stdout
for item in total acc4 acc8; do grep -q "\"name\": \"$item\"" kept/reproduce.json || fail "the record lacks $item"; done
reproduce 2 --keep kept
stderr_has "something stands there already"
reproduce 0 --json
for text in '"schema": "reconproof.reproduce"' '"tier": "bitwise"' '"exit_code": 0' '"verdict": "REPRODUCED, bitwise"' \
  '"identical_files": 4' '"applies_to": "the same kind of machine'; do stdout_has "$text"; done

# In the team's own folder the result stays for its report.
here=$PWD
[ ! -e "$work/team/code/.reconproof/reproduce" ] || fail "another folder's result is kept in the project"
(cd "$work/team/code" && "$program" reproduce "$here/bundle.tar" --data "$work/Data" >"$here/stdout" 2>"$here/stderr") ||
  fail "reproduce in the project"
expect 0 report "$work/team/code" -o reproduced.html
grep -q 'REPRODUCED, bitwise' reproduced.html || fail "the report lacks the reproduction"
reproduce 0 --verbose
stderr_has "run 1 of 1: the command"

# An edited claim, and one that the team's check is said to have printed.
cp bundle.tar good.tar
forge sed -i 's/"total": "0\.[0-9]*"/"total": "0.9999"/' meta/claims.json
reproduce 5
says "$rc" MISMATCH
says "$eb" bitwise
says "$ec" MISMATCH
stdout_has "total: claimed '0.9999', here "
stdout_has "NOT REPRODUCED: $rc, $ec. This points at the claim"
cp good.tar bundle.tar
forge sed -i '/"name": "acc4"/{n;s/"printed": "[^"]*"/"printed": "0.7777"/}' meta/claims.json
reproduce 5
stdout_has "acc4: the team's check printed '0.7777', here "

# An exchanged reconstruction.
cp good.tar bundle.tar
forge cp "$data/scoring/snu-2025/recon/acc4/brain_test1.h5" data/recon/acc4/brain_test1.h5
reproduce 5
says "$rc" MISMATCH
says "$eb" MISMATCH
says "$ec" score
stdout_has "acc4/brain_test1.h5"
stdout_has "NOT REPRODUCED: $rc, $eb. This points at the bundled reconstructions"
# One that HDF5 cannot read.
cp good.tar bundle.tar
forge truncate -s 3000 data/recon/acc4/brain_test1.h5
reproduce 5
says "$rc" MISMATCH
stdout_has "there is no full score: 3 of 4 expected volumes counted"

# Exchanged weights.
cp good.tar bundle.tar
echo 5e-4 >other.pt
forge cp "$work/other.pt" data/weights/weights.pt
reproduce 5
says "$rc" score
says "$eb" MISMATCH
says "$ec" MISMATCH
stdout_has "NOT REPRODUCED: $eb, $ec. This points at weights or code"

# Nothing is claimed: images alone are compared.
team ok
reconstruct ok
pack
reproduce 0
says "$rc" not_applicable
says "$eb" bitwise
says "$ec" not_applicable
stdout_has "the bundle claims no score"

# As rounding makes, at every run.
bundle_of noisy
reproduce 0
says "$eb" numeric
stdout_has "is the tolerance for another machine: an unknown machine there"
stdout_has "REPRODUCED, numeric: exit 0"

# Commands that fail, are stopped, or need what is not here.
bundle_of ok
cp bundle.tar good.tar
forge in_declarations 's/"ok"/"crash"/'
reproduce 5
says "$rc" score
says "$eb" MISMATCH
stdout_has "the command failed: it was killed by signal 9"
for case in '"ok"|"sleep"|--timeout 1|did not come to its end' '"ok"|"gpu"||asks for a GPU, which this machine lacks' \
  '"./fake_submission"|"./no-such-program"||the command was not started'; do
  cp good.tar bundle.tar
  forge in_declarations "s|$(echo "$case" | cut -d'|' -f1)|$(echo "$case" | cut -d'|' -f2)|"
  reproduce 6 $(echo "$case" | cut -d'|' -f3)
  says "$rc" score
  says "$eb" inconclusive
  stdout_has "$(echo "$case" | cut -d'|' -f4)"
done

# The command is changed in one of two places, or the project is no project.
cp good.tar bundle.tar
forge sed -i 's/"ok"/"random"/' data/code/reconproof.toml
reproduce 4
stderr_has "'steps.reconstruct.command' is "
stderr_is_one_line
cp good.tar bundle.tar
forge sed -i 's/^\[project\]/[project/' data/code/reconproof.toml
reproduce 3
stderr_is_one_line
cp good.tar bundle.tar
forge sed -i 's/snu-2025/snu-1999/' data/code/reconproof.toml meta/submission.json
reproduce 3
stderr_has "is of edition 'snu-1999', which this version does not know"

# What a bundle declares leads to no file of this machine: absolute weights, outputs that climb, folders to read.
echo "of this machine" >"$work/secret.pt"
cp good.tar bundle.tar
forge sh -c "echo 'of the bundle' >data/weights/secret.pt; rm data/weights/weights.pt
  sed -i 's|../result/weights.pt|$work/secret.pt|' data/code/reconproof.toml meta/submission.json
  sed -i 's|^command = .*|command = [\"sh\", \"-c\", \"cat $work/secret.pt; exit 3\"]|' data/code/reconproof.toml"
python3 - <<END
import json
path = "$work/forged/fake/meta/submission.json"
value = json.load(open(path))
value["steps"]["reconstruct"]["command"] = ["sh", "-c", "cat $work/secret.pt; exit 3"]
json.dump(value, open(path, "w"))
END
python3 "$scripts/forge_bundle.py" forged/fake bundle.tar
reproduce 5
stdout_has "of the bundle"
stdout_lacks "of this machine"
for outputs in .. ../.. / ../../../.. /etc/recon /usr/recon /proc/recon ../result/weights.pt ../Data/leaderboard; do
  cp good.tar bundle.tar
  forge in_declarations "/outputs/s|../result/recon\"|$outputs\"|"
  reproduce 3
  stderr_is_one_line
done
mkdir "$work/private"
echo "private" >"$work/private/file"
cp good.tar bundle.tar
forge sed -i "s|^weights|read_only = [\"$work/private\"]\nweights|" data/code/reconproof.toml
reproduce 6
stdout_has "read_only: "
reproduce 0 --read-only "$work/private"
mkdir moved
reproduce 0 --read-only "$work/private=moved"
reproduce 6 --read-only "$work/tmp"

# Rules judged anew: what the bundle found itself is not believed.
cp good.tar bundle.tar
reproduce 6 --rules snu-2025
for rule in run.completes layout.volumes isolation.network isolation.labels repeat.equal outputs.as-handed-in score.claimed; do
  stdout_has "$(printf '  pass          %s' $rule)"
done
stdout_has "not judged: this reproduction did not measure it"
stdout_has "REPRODUCED, bitwise: exit 6"
reproduce 6 --rules "$scripts/../../challenge/editions/snu-2023.toml" --json
stdout_has '"ruleset": "snu-2023@'
bundle_of random
forge python3 -c "
import json
value = json.load(open('meta/findings.json'))
value['findings'] = []
json.dump(value, open('meta/findings.json', 'w'))"
reproduce 1 --rules snu-2025
stdout_has "FAIL          repeat.equal"
# Who must have signed it is asked for; and an organiser's own waiver lets a broken rule pass.
export XDG_CONFIG_HOME="$work/config"
expect 0 keygen
key=$(sed -n 's/^public key *//p' stdout)
reproduce 4 --public-key "$key"
stdout_has "signature"
expect 0 sign bundle.tar
expect 0 waive --rule repeat.equal --bundle bundle.tar --reason "its noise is meant" --expires 2099-01-01 -o waiver.json
reproduce 2 --rules snu-2025 --waiver waiver.json
stderr_has "--waiver needs --organiser-key"
reproduce 6 --rules snu-2025 --public-key "$key" --waiver waiver.json --organiser-key "$key"
stdout_has "waived        repeat.equal"
stdout_has "warning       hand-in.slides"

# Trainings: from the seed, against the ledger in the bundle; without one, against themselves.
training() {
  team ok
  reconstruct ok
  claim_score
  cp "$trainer"/*.py "$work/team/code"
  printf '[steps.train]\ncommand = ["/usr/bin/python3", "-S", "ledger.py"%s]\n' "$1" >>"$work/team/code/reconproof.toml"
}
training ""
pack
reproduce 0 --train 3
stdout_has "training against itself"
stdout_has "the bundle has no ledger to compare with"
(cd "$work/team/code" && timeout 2 /usr/bin/python3 ledger.py) || true
cp "$work/team/result/net/ledger.jsonl" "$work/team/result/ledger.jsonl"
sed -i '$d' "$work/team/result/ledger.jsonl"
pack
reproduce 0 --train 3
says "training against its ledger" bitwise
reproduce 0
stdout_lacks "training"
cp bundle.tar good.tar
forge in_declarations 's/"ledger.py"/"ledger.py", "given"/'
reproduce 5 --train
says "training against its ledger" MISMATCH
stdout_has "NOT REPRODUCED: training against its ledger"
cp good.tar bundle.tar
forge sed -i '3s/"loss":[0-9.]*/"loss":1.5/' data/logs/ledger.jsonl
reproduce 4 --train
expect 6 reproduce good.tar --data "$work/Data/leaderboard" --train
stdout_has "the training data are not here"
team ok
reconstruct ok
pack
reproduce 0 --train
says training not_applicable

# Stopped half-way, nothing stays.
bundle_of ok
forge in_declarations 's/"ok"/"sleep"/'
"$program" reproduce bundle.tar --data "$work/Data" --keep stopped >stdout 2>stderr & pid=$!
sleep 2
kill -TERM $pid
got=0; wait $pid || got=$?
[ "$got" -eq 143 ] || fail "SIGTERM gave exit $got"
[ ! -e stopped ] || fail "an unfinished workspace"
clean
