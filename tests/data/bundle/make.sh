# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Makes the golden bundle of a new format version: sh make.sh PROGRAM TEST-DATA FAKE-SUBMISSION OUT.tar
# A bundle that exists is never made anew: it stands for what older versions wrote (README.md).
out=$4
case $out in /*) ;; *) out=$PWD/$out ;; esac
[ ! -e "$out" ] || { echo "$out: is there; a golden bundle stays as it is" >&2; exit 1; }
. "$(dirname "$0")/../../cli/lib.sh"
team weights
cp $data/torch/protocol2.pt team/result/weights.pt
cp $data/torch/legacy.pt team/result/old.pt
cd team/code
mkdir -p src 발표
cat > reconproof.toml <<'END'
[project]
name = "golden team"
edition = "snu-2025"
[data]
train = "../Data/train"
leaderboard = "../Data/leaderboard"
[[steps.train]]
name = "first"
command = ["python3", "src/train.py", "--seed", "430"]
weights = "../result/old.pt"
[steps.reconstruct]
command = ["python3", "src/reconstruct.py", "../Data/leaderboard", "../result/recon"]
weights = "../result/weights.pt"
outputs = "../result/recon"
[claims]
total = "0.9812"
[hand_in]
slides = "발표/슬라이드.pptx"
video = "talk.mp4"
logs = ["training.log"]
attachments = ["notes.txt"]
END
printf '# Golden team\n\n    python3 src/reconstruct.py ../Data/leaderboard ../result/recon\n' > README.md
printf '#!/bin/sh\necho run\n' > src/run.sh; chmod +x src/run.sh
printf 'print("train")\n' > src/train.py
cat > src/reconstruct.py <<'END'
import pathlib
import sys

import h5py
import numpy

leaderboard, out = map(pathlib.Path, sys.argv[1:])
for file in sorted(leaderboard.glob("acc*/kspace/*.h5")):
    target = out / file.parent.parent.name
    target.mkdir(parents=True, exist_ok=True)
    with h5py.File(file) as kspace, h5py.File(target / file.name, "w") as h5:
        shape = (kspace["kspace"].shape[0], 384, 384)
        h5.create_dataset("reconstruction", data=numpy.full(shape, 0.25, "float32"), compression=9, track_times=False)
END
printf '\x89PPTX' > 발표/슬라이드.pptx; printf 'mp4' > talk.mp4; printf 'notes\n' > notes.txt
printf 'Epoch = [  0/  1] Iter = [   0/  10] Loss = 0.4123 Time = 0.1000s\n' > training.log
printf 'a long name needs an extended header\n' > src/$(printf 'x%.0s' $(seq 1 120)).md
rm fake_submission
git init -q; git add -A; GIT_AUTHOR_DATE=2026-11-29T00:00:00Z GIT_COMMITTER_DATE=2026-11-29T00:00:00Z git -c user.name=team -c user.email=team@example.org commit -qm "As handed in"
printf 'print("train, changed")\n' > src/train.py
/usr/bin/python3 src/reconstruct.py ../Data/leaderboard ../result/recon
cd $work
export XDG_CONFIG_HOME=$work/config
"$program" check team/code --only layout.,values.,outputs.,hand-in. --training-steps 0 | tail -30 || true
"$program" pack team/code -o "$out"
"$program" keygen --out team.pem; "$program" keygen --out org.pem
"$program" sign "$out" --key team.pem --date 2026-11-29
"$program" sign "$out" --key org.pem --role organiser --note "received" --date 2026-11-30 --expires 2999-12-31
"$program" verify "$out"
