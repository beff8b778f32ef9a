# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The slice contract: sh slices.sh PROGRAM TEST-DATA FAKE-SUBMISSION SLICE-TEAM ADVERSARIES. The team is written in Python with
# numpy and h5py; each adversary is another method.py.
script=$(cd "$(dirname "$0")" && pwd)/slices.sh
honest=$(cd "$4" && pwd)
adversaries=$(cd "$5" && pwd)
. "$(dirname "$0")/lib.sh"
isolated=yes
sandboxed || isolated=no

# slice_team METHOD: a repository of 2026 around tests/slice_team and this method.
slice_team() {
  rm -rf "$work/team"
  mkdir -p "$work/team/code" "$work/team/result/net/checkpoints"
  cp "$honest/recon_eval.py" "$work/team/code"
  cp "$honest/method.py" "$work/team/code/honest.py"
  cp "$1" "$work/team/code/method.py"
  echo "weights" >"$work/team/result/net/checkpoints/best_model.pt"
  if [ ! -d "$work/Data" ]; then
    "$program" data synth --out "$work/Data/leaderboard" --layout leaderboard --volumes 2 --slices 7 --coils 4 \
      --height 96 --width 64 --seed 1 >/dev/null 2>&1
  fi
  cp -r "$work/Data" "$work/team/Data"
  cat >"$work/team/code/reconproof.toml" <<EOF
[project]
name = "slices"
edition = "snu-2026"
[data]
leaderboard = "../Data/leaderboard"
[steps.reconstruct]
command = ["/usr/bin/python3", "recon_eval.py", "-n", "net", "-p", "../Data/leaderboard"]
contract = "slice"
weights = "../result/net/checkpoints/best_model.pt"
outputs = "../result/net/reconstructions_leaderboard"
[steps.reconstruct.env]
OMP_NUM_THREADS = "1"
EOF
}
check() { expect "$1" check "$work/team/code" ${2:+--only "$2"}; }
passes() { stdout_has "$(printf 'pass          %s' "$1")"; }
fails() { stdout_has "$(printf 'FAIL          %s' "$1")"; }
no_leftovers() {
  [ "$(ls -A "$work/team/code/.reconproof/check")" = "$(printf '%s\n' check.json check.sarif check.xml recon)" ] || fail "left something behind"
  [ -z "$(find "$work/team" -name '*partial*')" ] || fail "half-written files"
  for volumes in /dev/shm/reconproof-volumes-*; do
    owner=${volumes#*-volumes-}
    [ ! -e "$volumes" ] || [ -d "/proc/${owner%%-*}" ] || fail "$volumes was left in memory"
  done
}

slice_team "$honest/method.py"; check 6
for rule in run.completes layout.volumes layout.shape values.finite repeat.equal inputs.names inputs.folders inputs.order \
  time.slow-volume time.in-clock time.prep-volume; do
  passes $rule
done
stdout_has "inconclusive  time.slice"
stdout_has "as recon_eval.py asks, for 28 slices"
if [ $isolated = yes ]; then passes isolation.labels; fi
no_leftovers

# The same contract where its bundle is reproduced; a claim that depends on a time stays open.
if [ $isolated = yes ]; then
  cp -r "$work/team/code/.reconproof/check/recon" "$work/team/result/net/reconstructions_leaderboard"
  expect 0 pack "$work/team/code" -o bundle.tar
  expect 0 reproduce bundle.tar --data "$work/Data"
  stdout_has "all 4 volumes, every value bit for bit"
  stdout_has "items that the team's check printed, though it claims none in words, are the same"
  printf '[claims]\nscore = "0.9"\n' >>"$work/team/code/reconproof.toml"
  expect 0 pack "$work/team/code" -o bundle.tar
  expect 6 reproduce bundle.tar --data "$work/Data"
  stdout_has "score: claimed '0.9', but it depends on the time of a slice on the official GPU"
fi

# adversary NAME CODE RULE,MORE... TEXT...: this method is caught, and by the first of these rules.
adversary() {
  slice_team "$adversaries/$1.py"
  check "$2" "$3"
  fails "${3%%,*}"
  shift 3
  for text in "$@"; do stdout_has "$text"; done
  no_leftovers
}
adversary lazy 1 time.in-clock "until its image was there"
adversary in_prep_volume 1 time.prep-volume "recon_slice gave the same image after the loaded input had been changed" "- acc4/brain_test1.h5"
adversary half_in_prep_volume 1 time.prep-volume,inputs.order "ms for each MB that it loads"
passes inputs.order
adversary warm_up_cache 1 time.in-clock "in random order after another warm-up"
adversary thread 1 time.prep-volume "the image was made before, or kept"
adversary clock 1 time.in-clock "the command's own clock says"
adversary by_name 1 inputs.names,inputs.folders,inputs.order "4 volumes differ with random file names"
passes inputs.folders
stdout_has "inconclusive  inputs.order"
adversary counts_calls 1 inputs.order,repeat.equal,inputs.names "4 volumes differ when slices are asked for in random order"
passes repeat.equal
passes inputs.names
adversary float64 1 run.completes "recon_slice of slice 0 gave \"float64\" [384,384], expected float32"
adversary leaves 1 run.completes "recon_slice of slice 0: the command ended without an answer"
adversary raises 1 run.completes "the third slice is too hard" "ended with exit code 1"
adversary talks_itself 1 run.completes "it answered 'PASS"
if [ $isolated = yes ]; then adversary labels 1 isolation.labels "acc4/image/brain_test1.h5"; fi
slice_team "$adversaries/hangs.py"
expect 1 check "$work/team/code" --timeout 3 --only run.completes
fails run.completes
stdout_has "it was stopped after"
no_leftovers

# What cannot be driven is said before anything runs.
slice_team "$honest/method.py"
sed -i 's|^command = .*|command = ["./recon_eval"]|' "$work/team/code/reconproof.toml"
check 2
stderr_has 'contract = "slice" needs a command that runs recon_eval.py'
sed -i 's|^contract = .*|contract = "parts"|' "$work/team/code/reconproof.toml"
check 3
stderr_has "expected \"whole\""

# All of it again as an ordinary user, who has no cgroups.
if [ "$(id -u)" -eq 0 ] && [ -z "${SLICES_AS_USER:-}${RECONPROOF_ONE_USER:-}" ]; then
  everybody=$work/everybody
  mkdir -p "$everybody/cli" "$everybody/tmp"
  cp -r "$honest" "$everybody/team"
  cp -r "$adversaries" "$everybody/adversaries"
  cp "$script" "$(dirname "$script")/lib.sh" "$everybody/cli"
  cp "$program" "$(dirname "$program")/reconproof-launcher" "$fake" "$everybody"
  chmod -R a+rX "$work"
  chown 12345:12345 "$everybody/tmp"
  SLICES_AS_USER=1 TMPDIR="$everybody/tmp" setpriv --reuid 12345 --regid 12345 --clear-groups --inh-caps=-all \
    sh "$everybody/cli/slices.sh" "$everybody/$(basename "$program")" "$data" "$everybody/$(basename "$fake")" \
    "$everybody/team" "$everybody/adversaries" || exit 1
fi
