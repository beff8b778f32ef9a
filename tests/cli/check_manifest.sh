# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# check --data-manifest: training data that is not the organiser's breaks data.manifest; the signature must hold first.
. "$(dirname "$0")/lib.sh"
export XDG_CONFIG_HOME="$work/config"
team ok
expect 0 keygen
key=$(sed -n 's/^public key *//p' stdout)
expect 0 keygen --out other.pem
other=$(sed -n 's/^public key *//p' stdout)
expect 0 data manifest team/Data -o m.jsonl --key config/reconproof/signing.pem

# Exit 6: the other rules were left out; in snu-2025 this one is a warning.
judge() { expect "$1" check team/code --only data.manifest "$2" "$3" --public-key "$key"; }
expect 6 check team/code --only data.manifest
stdout_has "n/a           data.manifest         not compared"
judge 6 --data-manifest m.jsonl
stdout_has "pass          data.manifest         all 4 files of the training data are the organiser's"

mv team/Data/train/image/brain_acc4_1.h5 team/Data/train/image/renamed.h5
judge 6 --data-manifest m.jsonl
stdout_has "pass          data.manifest"
mv team/Data/train/image/renamed.h5 team/Data/train/image/brain_acc4_1.h5

printf x | dd of=team/Data/train/kspace/brain_acc4_1.h5 bs=1 seek=9000 conv=notrunc 2>/dev/null
"$program" data synth --out team/Data/train --volumes 1 --first-number 77 --slices 1 --coils 4 --height 64 --width 64 \
  --seed 9 >/dev/null 2>&1
judge 6 --data-manifest m.jsonl
stdout_has "warning       data.manifest         3 of 6 files of the training data are not the organiser's"
stdout_has "train/kspace/brain_acc4_1.h5: altered"
stdout_has "train/kspace/brain_acc4_77.h5: none of its slices is in the manifest"

# As a rule of severity error it decides.
sed 's/^severity = "warning"$/severity = "error"/' "$(dirname "$data")/../challenge/editions/snu-2025.toml" >strict.toml
expect 1 check team/code --only data.manifest --data-manifest m.jsonl --rules strict.toml
stdout_has "FAIL          data.manifest"

rm -r team/Data/train
judge 6 --data-manifest m.jsonl
stdout_has "inconclusive  data.manifest"

expect 4 check team/code --only data.manifest --data-manifest m.jsonl --public-key "$other"
expect 3 check team/code --only data.manifest --data-manifest nowhere.jsonl
expect 2 check team/code --public-key "$key"
