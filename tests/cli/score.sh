# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The score command: golden text of every edition, and each option. For faults see score_faults.sh.
. "$(dirname "$0")/lib.sh"

# on EDITION [OPTION...]: a sound set of that edition.
on() {
  golden=$data/scoring/$1
  set -- 0 score --edition "$@"
  expect "$@" --labels "$golden/leaderboard" --recon "$golden/recon"
}
# refused MESSAGE OPTION...: a command line that cannot be understood.
refused() {
  message=$1
  shift
  golden=$data/scoring/snu-2025
  expect 2 score --labels "$golden/leaderboard" --recon "$golden/recon" "$@"
  stderr_has "$message"
  stderr_is_one_line
  [ ! -s "$work/stdout" ] || fail "printed something"
}
same_score_as_before() { cmp "$work/before" "$work/stdout" || fail "another score"; }

echo "== golden text"
for edition in snu-2023 snu-2024 snu-2025 snu-2026; do
  for threads in 1 3; do
    on $edition --official-print --threads $threads
    cmp "$work/stdout" "$golden/expected_print.txt" || fail "$edition: official print differs"
    [ ! -s "$work/stderr" ] || fail "$edition: wrote to stderr"
  done
done

echo "== for people"
on snu-2025
stdout_has "total            0.9740     (0.974005947)"
stdout_has "SSIM           0.9762     0.9719     0.9740"
stdout_has "worst slices:"
stdout_has "not the public leaderboard (58 volumes a cell)"
stdout_lacks "volume                   slices"
on snu-2025 --details
stdout_has "acc8       knee_test2.h5                 1"
on snu-2026 --details
stdout_has "ssim_bbox_acc8   0.7201"
stdout_has "acc4       knee_test27.h5                1     0.8373          -"

echo "== for machines"
on snu-2025 --json
stdout_has '"schema": "reconproof.score"'
stdout_has '"printed": "0.9740"'
stdout_has '"printed_numpy2": "0.9740"'
stdout_has '"official_set": false'
stdout_has '"set": "public"'
stdout_has '"complete": true'
on snu-2025 --csv
[ "$(wc -l <"$work/stdout")" -eq 13 ] || fail "expected a heading and 12 slices"
[ "$(head -1 "$work/stdout")" = "cell,volume,metric,slice,box,value" ] || fail "another heading"
stdout_has "acc4,brain_test1.h5,ssim,1,,0.9"
on snu-2026 --csv
stdout_has "acc4,knee_test9.h5,ssim,1,,"
stdout_has "acc4,knee_test9.h5,ssim_bbox,0,2,0.8663"
grep -qx "acc4,knee_test9.h5,ssim_bbox,0,1," "$work/stdout" || fail "a box that does not count has a value"
on snu-2025 --csv --metric volume
stdout_has "acc4,brain_test1.h5,psnr,,,"

echo "== parts of a set"
cp -r "$data/scoring/snu-2025/recon" recon
chmod -R u+w recon
rm recon/acc4/knee_test2.h5
golden=$data/scoring/snu-2025
part() { expect 1 score --edition snu-2025 --labels "$golden/leaderboard" --recon recon "$@"; }
part
stdout_has "No score: 7 of 8 expected volumes counted."
stdout_lacks "Partial"
part --partial
stdout_has "No score: 7 of 8 expected volumes counted."
stdout_has "Partial, of those 7 volumes (11 slices) alone; not the final score"
stdout_has "    0.9719 "  # of acc8, which is whole
part --partial --json
stdout_has '"partial_items": ['
stdout_has '"items": []'
part --partial --official-print
[ ! -s "$work/stdout" ] || fail "a part was printed as official"
rm recon/acc4/*
part --partial  # a cell without a volume has no mean
stdout_lacks "Partial"

echo "== final set"
on snu-2025 --official-print
cp stdout before
mkdir -p final/acc4/image final/acc8/image outputs/acc4 outputs/acc8
for cell in acc4 acc8; do
  for volume in brain_test1 brain_test2 knee_test1 knee_test2; do
    cp "$golden/leaderboard/$cell/image/$volume.h5" "final/$cell/image/hidden-${volume%%_*}-0${volume#*test}.h5"
    cp "$golden/recon/$cell/$volume.h5" "outputs/$cell/hidden-${volume%%_*}-0${volume#*test}.h5"
  done
done
expect 0 score --edition snu-2025 --set final --labels final --recon outputs --official-print
same_score_as_before
expect 0 score --edition snu-2025 --set final --labels final --recon outputs
stdout_has "a final set: names and number of its volumes are not judged"
stdout_lacks "not the public leaderboard"
expect 0 score --edition snu-2025 --set final --labels final --recon outputs --json
stdout_has '"set": "final"'

echo "== other layouts"
golden=$data/scoring/snu-2024
cp -r "$golden/leaderboard" stand-in
mv stand-in/acc5 stand-in/acc4
mv stand-in/acc9 stand-in/acc13
expect 0 score --edition snu-2024 --labels stand-in --recon "$golden/recon" --official-print
cmp "$work/stdout" "$golden/expected_print.txt" || fail "2024 with other accelerations: another score"
mkdir flat
cp "$data/scoring/snu-2023/leaderboard/acc4/image/"*.h5 flat
for edition in snu-2021 snu-2022; do
  expect 0 score --edition $edition --labels flat --recon "$data/scoring/snu-2023/recon/acc4" --official-print
  cp stdout before
  mkdir -p deep
  cp -r flat deep/image
  expect 0 score --edition $edition --labels deep --recon "$data/scoring/snu-2023/recon/acc4" --official-print
  same_score_as_before
  rm -r deep
done
grep -qx "Leaderboard Dataset SSIM : 0\.[0-9]\{4\}" "$work/stdout" || fail "another text"

echo "== time per slice"
on snu-2026 --ms-per-slice 87.6 --official-print
stdout_has "Leaderboard Recon Time : 1.05s (87.6 ms/slice)"
stdout_lacks "WARNING"
on snu-2026 --ms-per-slice acc4=100 --ms-per-slice acc8=50 --official-print
stdout_has "Leaderboard Recon Time : 0.90s (75.0 ms/slice)"
stdout_has "Recon Time (acc4): 0.60s (100.0 ms/slice)   (acc8): 0.30s (50.0 ms/slice)"
on snu-2026 --ms-per-slice 21000 --official-print
stdout_has "[WARNING] 2 volume(s) exceeded 60s of forward time (acc4: 1, acc8: 1) - reconstruction is too slow"
on snu-2026 --ms-per-slice 80
stdout_has "score            0.7690     (0.76902"
on snu-2026 --ms-per-slice 2000
stdout_has "score            0.7680     (0.76802"
on snu-2026
stdout_lacks "  score  "
refused "has no speed term" --edition snu-2025 --ms-per-slice 80
refused "--ms-per-slice fast: expected a number, or CELL=NUMBER" --edition snu-2026 --ms-per-slice fast
refused "--ms-per-slice acc4=: expected a number" --edition snu-2026 --ms-per-slice acc4=
refused "--ms-per-slice 80ms: expected a number" --edition snu-2026 --ms-per-slice 80ms
refused "no time per slice for 'acc8'" --edition snu-2026 --ms-per-slice acc4=80
refused "has no cell 'acc5'" --edition snu-2026 --ms-per-slice 80 --ms-per-slice acc5=80
refused "-1 ms per slice, expected 0 or more" --edition snu-2026 --ms-per-slice=-1
refused "nan ms per slice, expected 0 or more" --edition snu-2026 --ms-per-slice nan

echo "== another metric"
on snu-2025 --metric volume
stdout_has "not the leaderboard's metric"
stdout_has "psnr_acc8"
on snu-2025 --metric masked-map
stdout_has "total            0.9740     (0.974005947)"
refused "no metric 'rmse'; expected masked-map, mask-and-boxes or volume" --edition snu-2025 --metric rmse
refused "--official-print goes with neither --metric nor --against" --edition snu-2025 --metric volume --official-print

echo "== two sets"
cp -r "$data/scoring/snu-2025/recon" better
chmod -R u+w better
cp "$data/scoring/snu-2025/recon/acc4/brain_test1.h5" better/acc8/brain_test1.h5
on snu-2025 --against "$data/scoring/snu-2025/recon"
stdout_has "total              0.974006   0.974006   +0.000000   none: fewer than 5 volumes in a cell"
on snu-2025 --against better --json
stdout_has '"schema": "reconproof.score-comparison"'
difference() { sed -n '/"difference"/{s/.*: //; s/,//; p; q}' "$work/stdout"; }
forth=$(difference)
expect 0 score --edition snu-2025 --labels "$golden/../snu-2025/leaderboard" --recon better \
  --against "$data/scoring/snu-2025/recon" --json
[ "$(difference)" = "-$forth" ] || [ "-$(difference)" = "$forth" ] || fail "there and back: $forth and $(difference)"
rm better/acc4/knee_test2.h5
golden=$data/scoring/snu-2025
expect 1 score --edition snu-2025 --labels "$golden/leaderboard" --recon "$golden/recon" --against better
stdout_has "left out, only in one set: acc4/knee_test2.h5"
stderr_has "better: 7 of 8 expected volumes counted"
expect 3 score --edition snu-2025 --labels "$golden/leaderboard" --recon "$golden/recon" --against nowhere
stderr_has "nowhere: no such folder of reconstructions"

echo "== rules of one's own"
cp "$(dirname "$0")/../../challenge/editions/snu-2025.toml" my.toml
sed -i 's/^print = """/print = """\nTest print, not official/; s/^id = "snu-2025"/id = "mine"/' my.toml
expect 0 score --rules my.toml --labels "$golden/leaderboard" --recon "$golden/recon" --official-print
stdout_has "Test print, not official"
stdout_has "Leaderboard SSIM : 0.9740"
expect 0 score --rules my.toml --labels "$golden/leaderboard" --recon "$golden/recon" --json
stdout_has '"edition": "mine"'
sed 's/^mask_threshold = 2e-5/mask_threshold = "low"/' my.toml >damaged.toml
line=$(grep -n 'mask_threshold = "low"' damaged.toml | cut -d: -f1)
expect 3 score --rules damaged.toml --labels "$golden/leaderboard" --recon "$golden/recon"
stderr_has "damaged.toml"
stderr_has "mask_threshold"
stderr_has "$line"
stderr_is_one_line
sed 's/^\[score\]/[score/' my.toml >damaged.toml
expect 3 score --rules damaged.toml --labels "$golden/leaderboard" --recon "$golden/recon"
stderr_has "damaged.toml"
stderr_is_one_line
refused "give --edition E" --edition snu-2025 --rules my.toml
refused "give --edition E"
refused "unknown edition 'snu-1999'" --edition snu-1999

echo "== command lines"
refused "--json, --csv and --official-print exclude each other" --edition snu-2025 --json --csv
refused "--set private: expected public or final" --edition snu-2025 --set private
refused "--csv goes with one set" --edition snu-2025 --csv --against better
refused "--threads 2000: expected 0 to 1024" --edition snu-2025 --threads 2000
