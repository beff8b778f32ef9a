# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# `runs`: two histories, what is imported, what is noted, how they merge; and files that are none.
. "$(dirname "$0")/lib.sh"
export HOME="$work" GIT_CONFIG_NOSYSTEM=1
line() { echo "Epoch = [  $1/  2] Iter = [  $2/  20] Loss = $3 Time = 0.5000s"; }
end() { echo "Epoch = [   $1/   2] TrainLoss = 0.2 ValLoss = $2 TrainTime = 8.0000s ValTime = 1.5000s"; }

for name in a b; do
  mkdir -p $name && touch $name/reconproof.toml
done
cd a
for loss in 0.5 0.4; do
  {
    line 0 0 0.61
    line 0 10 $loss
    end 0 0.05
    end 1 0.03
  } >train.log
  expect 0 run -- cat train.log
done
first=$(cd "$work/a" && "$program" runs list --json | grep '"id"' | sed 's/.*: "\(.*\)".*/\1/' | tail -1)
expect 0 runs note "$first" 'looked at it' --lesson 'warm up first' --tag small
expect 0 runs list
stdout_has "cat train.log"
stdout_has "lesson: warm up first"
[ "$(sed -n 2p "$work/stdout" | cut -c1-8)" != "$(echo "$first" | cut -c1-8)" ] || fail "not newest first"
expect 0 runs list --limit 1
stdout_has "and 1 more: --limit 0 shows all"
expect 0 runs list --outcome failed --json
stdout_has '"total": 0'
expect 0 runs list --since 2020-01-01 --kind run --limit 0
stdout_has "cat train.log"
expect 0 runs list --since 2999-01-01T00:00+09:00
! grep -q cat "$work/stdout" || fail "--since is ignored"
expect 0 runs show "$first"
for text in "note        looked at it" "lesson      warm up first" "tag         small" "epochs      2 of 2" "validation  "; do
  stdout_has "$text"
done
expect 0 runs show "$(echo "$first" | cut -c1-12)" --log
stdout_has "TrainLoss"

# --- where two runs part
second=$("$program" runs list --json --limit 1 | sed -n 's/.*"id": "\(.*\)".*/\1/p')
expect 0 runs diff "$first" "$second"
stdout_has "curves                 part at epoch 0, iteration 10: 0.5 | 0.4"
expect 0 runs diff "$first" "$second" --json
stdout_has '"first_divergence": "epoch 0, iteration 10"'
stdout_has '"lines_compared": 2'
expect 0 runs diff "$first" "$first"
stdout_has "equal in the 4 lines"

# --- a drawing that is XML and a file of its own
expect 0 runs plot "$first" "$second" -o both.svg
xmllint --noout both.svg || fail "the plot is no XML"
grep -q 'xmlns="http://www.w3.org/2000/svg"' both.svg || fail "no namespace"
expect 0 runs plot
stdout_has "<svg"
expect 2 runs plot 1111 1111 1111 1111 1111 1111

# --- a teammate's: nothing is lost, in either order the same bytes
expect 0 runs export a.jsonl
[ "$(wc -l <a.jsonl)" -eq 2 ] || fail "expected a line a run"
cd ../b
expect 0 runs merge ../a/a.jsonl
stdout_has "2 runs read, 2 of them new or changed here"
expect 0 run -- true
expect 0 runs note "$first" --lesson 'no: a smaller rate'
expect 0 runs note "$second" --abandoned
cp ../a/a.jsonl .
expect 0 runs export b.jsonl
cd ../a
expect 0 runs note "$first" --lesson 'a longer warm-up'
expect 0 runs export a.jsonl
expect 0 runs merge ../b/b.jsonl
cd ../b
expect 0 runs merge ../a/a.jsonl
cd ..
"$program" runs export --project a >merged-a
"$program" runs export --project b >merged-b
cmp -s merged-a merged-b || fail "merging in another order gave another history"
[ "$(wc -l <merged-a)" -eq 3 ] || fail "a run was lost"
for lesson in 'warm up first' 'a longer warm-up' 'no: a smaller rate'; do
  grep -q "$lesson" merged-a || fail "a lesson was lost: $lesson"
done
grep "\"id\":\"$second\"" merged-a | grep -q '"outcome":"abandoned"' || fail "the later outcome was lost"
expect 0 runs merge merged-a --project a --json
stdout_has '"added": 0'

# --- what is none of ours
cd a
expect 3 runs merge .reconproof/runs.sqlite
stderr_has "is a history itself"
echo '{"schema":"reconproof.run"' >bad.jsonl
expect 3 runs merge bad.jsonl
stderr_has "bad.jsonl:1"
stderr_is_one_line
head -1 a.jsonl | sed 's/"outcome":"[a-z]*"/"outcome":"won"/' >bad.jsonl
expect 3 runs merge bad.jsonl
stderr_has '"outcome": expected running, succeeded, failed, killed or abandoned'
expect 3 runs merge not-there.jsonl
before=$("$program" runs export | wc -l)
{ sed 's/"id":"[0-9a-f]*","imported/&/' a.jsonl; echo garbage; } >half.jsonl
expect 3 runs merge half.jsonl
[ "$("$program" runs export | wc -l)" -eq "$before" ] || fail "half of a file was merged"

# --- imports: each kind, twice without effect
/usr/bin/python3 - <<'END'
import numpy, struct
numpy.save("val_loss_log.npy", numpy.array([[0.0, 0.31], [1.0, 0.25]]))
table = []
for i in range(256):
    for _ in range(8): i = i >> 1 ^ (0x82F63B78 if i & 1 else 0)
    table.append(i)
def masked(data):
    crc = 0xFFFFFFFF
    for byte in data: crc = table[(crc ^ byte) & 255] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)
def record(data):
    length = struct.pack("<Q", len(data))
    return length + masked(length) + data + masked(data)
def scalar(step, tag, value):
    value = b"\x0a" + bytes([len(tag)]) + tag + b"\x15" + struct.pack("<f", value)
    summary = b"\x0a" + bytes([len(value)]) + value
    return record(b"\x09" + struct.pack("<d", 1.7e9 + step) + b"\x10" + bytes([step]) + b"\x2a" + bytes([len(summary)]) + summary)
with open("events.out.tfevents.1.host", "wb") as file:
    file.write(record(b"\x09" + struct.pack("<d", 1.7e9) + b"\x1a\x0dbrain.Event:2"))
    file.write(scalar(0, b"loss/val", 0.5) + scalar(1, b"loss/val", 0.125) + scalar(1, b"loss/train", 0.4)[:-3])
END
printf '"Step","moon-1 - val_loss","moon-1 - val_loss__MIN"\n"0","0.5","0.5"\n"1","0.375","0.375"\n' >wandb.csv
expect 0 runs import val_loss_log.npy events.out.tfevents.1.host wandb.csv train.log --project "$work/b"
stdout_has "4 runs read, 4 of them new"
expect 0 runs list --project "$work/b"
stdout_has "wandb.csv moon-1"
expect 0 runs import val_loss_log.npy events.out.tfevents.1.host wandb.csv train.log --project "$work/b" --json
stdout_has '"added": 0'
expect 0 runs list --kind import --project "$work/b"
for text in 0.25 0.125 0.375 0.03; do stdout_has "$text"; done
head -c 100 events.out.tfevents.1.host | tr '\0' '\1' >broken
for file in broken a.jsonl; do
  expect 3 runs import $file
  stderr_is_one_line
done
expect 3 runs import not-there

# --- a note of a stranger moves no cursor
expect 0 runs note last --lesson "$(printf 'x\033[2J')"
expect 0 runs list --limit 1
stdout_has 'x\x1b[2J'

# --- usage
expect 2 runs
stderr_has "expected list, show, diff, plot, note, export, import or merge"
expect 2 runs frobnicate
expect 2 runs show
expect 2 runs show abc
stderr_has "its first 4 digits or more, or \`last\`"
expect 3 runs show 0000beef
expect 2 runs note last
expect 2 runs list --outcome won
expect 2 runs list --since yesterday
expect 0 runs --help
for command in list show diff plot note export import merge; do
  expect 0 runs $command --help
  stdout_has "Examples:"
done
