# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Whatever is wrong with a set of reconstructions or labels has an exit code and a message of its own, and yields no final
# score: sh SCRIPT PROGRAM TEST-DATA FAKE-SUBMISSION SPOIL-VOLUME
. "$(dirname "$0")/lib.sh"
spoil_volume=$4
mkdir seen

# begin EDITION VOLUME: a sound set; its volume (as acc8/brain_test1.h5) is what each fault is put into.
begin() {
  edition=$1
  recon=recon/$2
  label=labels/${2%/*}/image/${2#*/}
  restore
}
restore() {
  rm -rf recon labels
  cp -r "$data/scoring/$edition/recon" recon
  cp -r "$data/scoring/$edition/leaderboard" labels
  chmod -R u+w recon labels
}
run() {
  wanted=$1
  shift
  expect "$wanted" score --edition "$edition" --labels labels --recon recon "$@"
}
no_final_score() {
  ! grep -qE '^ +(total|ssim_full|acc[0-9]) +[01]\.|"printed"|Leaderboard' "$work/stdout" || fail "$1: a final score"
}

# fault NAME CODE MESSAGE: what lies in recon/ and labels/ yields this. Names that are equal up to a dot are one fault in
# several guises, which share their message.
fault() {
  run "$2"
  cat "$work/stdout" "$work/stderr" >"seen/$1.output"
  printf '%s\n' "$3" >"seen/$1.message"
  grep -qF -- "$3" "seen/$1.output" || fail "$1: no message '$3'"
  no_final_score "$1"
  run "$2" --partial --details
  no_final_score "$1"
  run "$2" --official-print
  [ ! -s "$work/stdout" ] || fail "$1: printed as official"
  run "$2" --csv
  no_final_score "$1"
  run "$2" --json
  no_final_score "$1"
  # Labels that cannot be used end the command; anything else is a result without items.
  if [ -s "$work/stdout" ]; then
    stdout_has '"complete": false'
    stdout_has '"items": []'
  else
    stderr_is_one_line
  fi
  restore
}
recon_fault() {
  "$spoil_volume" "$recon" "$1"
  fault "$2" "$3" "$4"
}
label_fault() {
  "$spoil_volume" "$label" "$1"
  fault "label-$2" 3 "$3"
}
annotation_fault() {
  "$spoil_volume" "$label" annotations "$2"
  fault "annotations-$1" 3 "$3"
}

begin snu-2025 acc8/brain_test1.h5
echo "== the same values in other forms"
run 0 --official-print
cp stdout official
for form in plain gzip big-endian user-block float64; do
  "$spoil_volume" "$recon" $form
  run 0 --official-print
  cmp official stdout || fail "$form: another score"
  restore
done
for form in plain gzip max-float64; do
  "$spoil_volume" "$label" $form
  run 0 --official-print
  cmp official stdout || fail "label $form: another score"
  restore
done
: >recon/acc8/.DS_Store
mkdir recon/acc8/.ipynb_checkpoints
run 0 --official-print
cmp official stdout || fail "hidden files: another score"
restore
for form in float16 float64; do
  "$spoil_volume" "$recon" $form
  run 0
  stdout_has "warning       layout.float32"
  stdout_has "$recon: 'reconstruction' is $form"
  stdout_has "total    "
  restore
done

echo "== files"
rm recon/acc8/knee_test2.h5; fault missing 1 "recon/acc8/knee_test2.h5: missing"
rm -r recon/acc4; fault cell.missing 1 "recon/acc4/knee_test2.h5: missing"
rm -r recon/acc4; : >recon/acc4; fault cell.is-a-file 1 "recon/acc4/knee_test2.h5: missing"
cp $recon recon/acc8/brain_test99.h5; fault extra 1 "brain_test99.h5: not a volume of the leaderboard"
: >recon/acc8/notes.txt; fault extra-text 1 "notes.txt: not a volume of the leaderboard"
mkdir recon/acc8/checkpoints; fault extra-folder 1 "acc8/checkpoints: not a volume of the leaderboard"
mv $recon recon/acc8/brain1.h5; fault misnamed 1 "brain1.h5: not a volume of the leaderboard"
mv $recon recon/acc8/Brain_test1.h5; fault other-case 1 "Brain_test1.h5: not a volume of the leaderboard"
mv $recon recon/acc8/brain_test1.hdf5; fault other-ending 1 "brain_test1.hdf5: not a volume of the leaderboard"
: >$recon; fault not-hdf5.empty 3 "$recon: not a readable HDF5 file (file signature not found)"
printf 'just some text' >$recon; fault not-hdf5.text 3 "$recon: not a readable HDF5 file (file signature not found)"
truncate -s 100000 $recon; fault cut 3 "truncated file"
mv $recon elsewhere.h5; ln -s ../../elsewhere.h5 $recon; fault symbolic-link.to-a-file 3 "is a symbolic link; put the file itself there"
rm $recon; ln -s /nowhere $recon; fault symbolic-link.dangling 3 "is a symbolic link; put the file itself there"
rm $recon; mkdir $recon; fault folder 3 "$recon: is a folder"
rm $recon; mkfifo $recon; fault pipe 3 "$recon: is not a regular file"

echo "== shape"
recon_fault fewer-slices fewer-slices 3 "'reconstruction' is float32 (1, 384, 384), expected float32 (2, 384, 384)"
recon_fault more-slices more-slices 3 "'reconstruction' is float32 (3, 384, 384)"
recon_fault no-slices no-slices 3 "'reconstruction' is float32 (0, 384, 384)"
recon_fault lower lower 3 "'reconstruction' is float32 (2, 383, 384)"
recon_fault narrower narrower 3 "'reconstruction' is float32 (2, 384, 383)"
recon_fault larger larger 3 "'reconstruction' is float32 (2, 400, 400)"
recon_fault transposed transposed 3 "'reconstruction' is float32 (384, 384, 2)"
recon_fault 2d 2d 3 "'reconstruction' is float32 (768, 384)"
recon_fault 4d 4d 3 "'reconstruction' is float32 (2, 1, 384, 384)"
recon_fault scalar scalar 3 "'reconstruction' is float32 ()"
recon_fault absurd absurd 3 "claims an extent of 2199023255552"
recon_fault overflow overflow 3 "absurd shape (1073741824, 1073741824, 1073741824)"

echo "== type"
recon_fault int16 int16 3 "'reconstruction' is int16"
recon_fault uint8 int8 3 "'reconstruction' is int8"
recon_fault int64 int64 3 "'reconstruction' is int64"
recon_fault complex complex 3 "'reconstruction' is complex64"
recon_fault text other.text 3 "'reconstruction' is other"
recon_fault compound other.compound 3 "'reconstruction' is other"

echo "== values"
recon_fault nan nan 1 "slice 1 holds NaN at row 192, column 0"
recon_fault infinity infinity 1 "slice 1 holds infinity at row 192, column 0"
recon_fault minus-infinity minus-infinity 1 "slice 1 holds -infinity at row 192, column 0"
recon_fault huge huge 1 "slice 1 holds 1e+30, beyond 1.8e19, at row 192, column 0"

echo "== place in the file"
recon_fault other-name other-name 3 "no data set 'reconstruction'; the file holds: recon"
recon_fault nothing nothing.at-all 3 "the file holds: no data set at all"
recon_fault group nothing.but-a-group 3 "the file holds: no data set at all"
recon_fault soft-link link.soft 3 "'reconstruction' is a link to another place"
recon_fault external-link link.external 3 "'reconstruction' is a link to another place"
recon_fault other-file other-file 3 "'reconstruction' stores its data in another file"
recon_fault virtual virtual 3 "'reconstruction' is a virtual data set"
recon_fault foreign-filter foreign-filter 3 "is compressed with filter 32015"
recon_fault damaged damaged 3 "data set 'reconstruction' cannot be read from entry 0 on"

echo "== labels"
label_fault no-max max.none "no positive number in the attribute 'max'"
label_fault max-text max.text "no positive number in the attribute 'max'"
label_fault max-nan max.nan "no positive number in the attribute 'max'"
label_fault max-zero max.zero "no positive number in the attribute 'max'"
label_fault max-negative max.negative "no positive number in the attribute 'max'"
label_fault nan value.nan "slice 1 of the label holds"
label_fault infinity value.infinity "slice 1 of the label holds"
label_fault huge value.huge "slice 1 of the label holds"
label_fault lower lower "'image_label' is float32 (2, 383, 384), expected float32 (slices, 384, 384)"
label_fault no-slices no-slices "'image_label' is float32 (0, 384, 384)"
label_fault 2d 2d "'image_label' is float32 (768, 384)"
label_fault int16 int16 "'image_label' is int16"
label_fault other-name other-name "no data set 'image_label'; the file holds: recon"
label_fault damaged damaged "data set 'image_label' cannot be read from entry 0 on"
: >$label; fault label-empty 3 "$label: not a readable HDF5 file"
mv $label labels/acc8/image/liver_test1.h5; fault label-liver 3 "knows no anatomy for this name"
rm labels/acc8/image/*; fault label-none 3 "labels/acc8/image: no label volumes (*.h5)"
rm -r labels/acc4; fault label-cell 3 "labels/acc4/image: No such file or directory"
"$spoil_volume" labels/acc4/image/knee_test1.h5 no-max
"$spoil_volume" $label no-max
fault label-max.several 3 "; 1 more label volumes cannot be used"

echo "== labels of 2026"
begin snu-2026 acc8/knee_test18.h5
annotation_fault not-json '{"0": [' "attribute 'annotations': not JSON"
annotation_fault no-object '[]' "expected an object of slices"
annotation_fault no-list '{"0": {}}' "slice 0: expected a list"
annotation_fault no-box '{"0": [5]}' "slice 0: expected objects"
annotation_fault no-integer '{"0": [{"x": 1.5, "y": 2, "width": 9, "height": 9}]}' "'x' is no whole number of pixels"
annotation_fault no-height '{"0": [{"x": 1, "y": 2, "width": 9}]}' "'height' is no whole number of pixels"
annotation_fault too-far '{"0": [{"x": 1, "y": 99999999999, "width": 9, "height": 9}]}' "'y' is no whole number of pixels"
annotation_fault text '{"1": [{"x": 1, "y": 2, "width": "9", "height": 9}]}' "slice 1: 'width' is no whole number of pixels"
annotation_fault twice '{"0": [], "0": []}' "the key '0' stands twice in one object"
recon_fault nan nan.in-2026 1 "slice 1 holds NaN at row 192, column 0"

echo "== each message is its fault's own"
for message in seen/*.message; do
  name=$(basename "$message" .message)
  for output in $(grep -lF -f "$message" seen/*.output); do
    other=$(basename "$output" .output)
    [ "${other%%.*}" = "${name%%.*}" ] || fail "$other prints the message of $name: $(cat "$message")"
  done
done
count=$(for message in seen/*.message; do basename "$message" | cut -d. -f1; done | sort -u | wc -l)
[ "$count" -ge 60 ] || fail "only $count faults"
echo "$count faults, $(ls seen/*.message | wc -l) guises"

echo "== all at once, all named"
begin snu-2025 acc8/brain_test1.h5
rm recon/acc4/knee_test2.h5
: >recon/acc4/surprise.h5
"$spoil_volume" recon/acc4/knee_test1.h5 lower
"$spoil_volume" recon/acc8/knee_test1.h5 nan
"$spoil_volume" recon/acc8/brain_test2.h5 float64
truncate -s 100000 $recon
run 3
for text in knee_test2.h5:\ missing surprise.h5:\ not "(2, 383, 384)" "holds NaN" "truncated file" "is float64"; do
  stdout_has "$text"
done
stdout_has "No score: 4 of 8 expected volumes counted."

echo "== folders"
expect 3 score --edition snu-2025 --labels nowhere --recon recon
stderr_has "nowhere"
stderr_is_one_line
expect 3 score --edition snu-2025 --labels labels --recon nowhere
stderr_has "nowhere: no such folder of reconstructions"
stderr_is_one_line
expect 3 score --edition snu-2025 --labels labels --recon "$recon"
stderr_has "no such folder of reconstructions"
stderr_is_one_line
