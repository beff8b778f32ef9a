# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# First steps of a training, thrice: sh training.sh PROGRAM TEST-DATA FAKE-SUBMISSION TRAINING-TEAM. The team's training is
# good, or has one fault; its PyTorch is a small one of NumPy.
trainer=$(cd "$4" && pwd)
. "$(dirname "$0")/lib.sh"
isolated=yes
sandboxed || isolated=no

# training_team COMMAND: the fake submission with this training, as TOML writes a list.
training_team() {
  team ok
  cp -r "$trainer"/* "$work/team/code"
  cp "$work/first.npy" "$work/second.npy" "$work/team/code"
  cat >>"$work/team/code/reconproof.toml" <<EOF
[steps.train]
command = [$1]
EOF
}
/usr/bin/python3 - <<'EOF'
import numpy
random = numpy.random.RandomState(1)
numpy.save("first.npy", random.standard_normal((64, 16)).astype("float32") * 0.1)
numpy.save("second.npy", random.standard_normal((16, 4)).astype("float32") * 0.1)
EOF
check() {
  code=$1
  shift
  expect "$code" check "$work/team/code" --only training. "$@"
}
says() { stdout_has "$(printf '%-14s%s' "$1" "training.$2")"; }

# Without a sandbox nothing is trained, and nothing is claimed.
training_team '"/usr/bin/python3", "train.py", "good"'
if [ $isolated = no ]; then
  check 6
  for rule in starts seeded repeat fresh-weights; do says inconclusive $rule; done
  exit 0
fi

# faulty NAME CODE STARTS SEEDED REPEAT FRESH TEXT...: a training with this fault is judged so, and the texts are said.
faulty() {
  training_team "\"/usr/bin/python3\", \"train.py\", \"$1\""
  check "$2"
  says "$3" starts
  says "$4" seeded
  says "$5" repeat
  says "$6" fresh-weights
  shift 6
  for text in "$@"; do stdout_has "$text"; done
}
p=pass i=inconclusive f=FAIL w=warning

# The other rules are left out, so that the best is 6.
faulty good 6 $p $p $p $p "trained 6 steps with neither the leaderboard nor a network" \
  "losses, gradients and weights are equal, bit for bit" "all 2 initial tensors that are not constant differ"
# Whoever trains with two networks, a closure, a scaled loss, in a child, or lets nothing end it is no other.
for kind in adversarial closure scaler child stubborn; do
  faulty $kind 6 $p $p $p $p
done
faulty short 6 $p $p $p $p

faulty unseeded 1 $p $f $w $p "2 of 2 tensors that are not constant differ; nothing set a seed" \
  "they first differ before the first step" "iteration 0: loss"
faulty augmented 6 $p $p $w $p "they first differ at iteration 3: loss" "an augmentation" "iteration 3: loss"
faulty order 6 $p $p $w $p "the data come in another order"
faulty kernel 6 $p $p $w $p "they first differ at iteration 2: gradient norm" "use_deterministic_algorithms"
faulty given 1 $p $p $p $f "2 of 2 initial tensors (100 % of the values)" "first.weight"
faulty part 1 $p $p $p $f "1 of 2 initial tensors (5.88 % of the values)" "second.weight"
faulty constant 6 $p $p $p $i
faulty leaderboard 1 $f $i $i $i "looked for the leaderboard" "/team/Data/leaderboard/acc4/kspace"
faulty leaderboard-caught 1 $f $p $p $p "looked for the leaderboard" "/team/Data/leaderboard/acc4/kspace"
faulty download 1 $f $i $i $i "tried to reach the network" "asked for http://weights.example/net.pt"
faulty download-caught 1 $f $p $p $p "tried to reach the network" "93.184.216.34 port 80"
faulty crash 1 $f $i $i $i "failed during its first steps: it ended with exit code 1" "the third step is too hard"
faulty forge 1 $f $i $i $i "wrote into the ledger that watches it"

# Too slow: nothing is claimed, and what may be done is said.
training_team '"/usr/bin/python3", "train.py", "slow"'
check 6 --timeout 5
says inconclusive starts
stdout_has "of 6 steps within 5 s (--timeout gives more)"

# Without PyTorch, from log lines alone.
training_team '"/usr/bin/python3", "-I", "log.py"'
check 6
says pass starts
says inconclusive seeded
says pass repeat
says inconclusive fresh-weights
stdout_has "in the 4 significant digits of the log"
stdout_has "whether it was given weights cannot be told from log lines"
training_team '"/usr/bin/python3", "log.py", "unequal"'
check 6
says warning repeat
stdout_has "they first differ at iteration 3: loss"
stdout_has "Compared at 4 significant digits"
training_team '"/usr/bin/python3", "log.py", "silent"'
check 6
says inconclusive starts
stdout_has "whether it trained cannot be seen"

# A training that keeps its own ledger is compared by it, and ended when it shows enough.
training_team '"/usr/bin/python3", "-S", "ledger.py"'
check 6
for rule in starts seeded repeat fresh-weights; do says pass $rule; done
stdout_has "with another seed its own ledger shows other initial weights"
training_team '"/usr/bin/python3", "ledger.py", "diverges"'
check 6
says warning repeat
stdout_has "they first differ at iteration 2: loss"
training_team '"/usr/bin/python3", "ledger.py", "given"'
check 1
says FAIL fresh-weights
training_team '"/usr/bin/python3", "ledger.py", "deaf"'
check 6
says inconclusive fresh-weights
stdout_has "no other seed could be given to it"

# Several models: each training is judged, and named.
training_team '"/usr/bin/python3", "train.py", "good"'
sed -i 's/^\[steps.train\]/[[steps.train]]\nname = "small"/' "$work/team/code/reconproof.toml"
printf '[[steps.train]]\nname = "large"\ncommand = ["/usr/bin/python3", "train.py", "given"]\n' >>"$work/team/code/reconproof.toml"
check 1 --training-steps 2
stdout_has "large: 2 of 2 initial tensors"
stdout_has "small: trained 2 steps"
check 1 --training-steps 2 --json
stdout_has '"seed_shift": 0'
stdout_has '"updates": 2'

# What is not there, and what was not asked for.
training_team '"/usr/bin/python3", "train.py", "good"'
check 6 --training-steps 0
stdout_has "left out by --training-steps 0"
rm -r "$work/team/Data/train"
check 6
stdout_has "the training data are not here"
expect 2 check "$work/team/code" --training-steps -1
stderr_has "expected 0 to 100000"
team ok; check 6
stdout_has "declares no [steps.train]"
# A folder to write to that would cover the data.
training_team '"/usr/bin/python3", "train.py", "good"'
sed -i 's|^command = \["/usr/bin/python3", "train.py"|outputs = "../Data"\n&|' "$work/team/code/reconproof.toml"
check 2
stderr_has "[steps.train] outputs and [data] train lie in each other"
[ -z "$(find "$work/team" -name '*partial*')" ] || fail "half-written files"
