# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# The convert command: both directions, what it tells, and what it refuses.
. "$(dirname "$0")/lib.sh"
torch=$data/torch

hash_of() { sed -n 's/.*"weights_sha256": "\([0-9a-f]*\)".*/\1/p' "$work/stdout"; }

# There and back, an official checkpoint and one of a network that nobody knows.
for name in unet-torch1.13.pt protocol2.pt protocol5.pt bare.pth; do
  expect 0 convert "$torch/$name" first.safetensors --json
  hash=$(hash_of)
  [ ${#hash} -eq 64 ] || fail "no hash"
  stdout_has "\"converted_from_sha256\": \"$(sha256sum "$torch/$name" | cut -d' ' -f1)\""
  expect 0 convert first.safetensors second.pt --json
  [ "$(hash_of)" = "$hash" ] || fail "$name: other weights in the .pt"
  expect 0 convert second.pt third.safetensors --json
  [ "$(hash_of)" = "$hash" ] || fail "$name: other weights after the way back"
  # All but the hash of where they came from is the same text, and so is every tensor.
  for file in first third; do
    sed 's/"converted_from_sha256":"[0-9a-f]*"//' "$file.safetensors" >"$file.bytes"
  done
  cmp first.bytes third.bytes || fail "$name: the way there and back changed something"
  expect 0 convert first.safetensors again.pt
  cmp second.pt again.pt || fail "$name: one input, two outputs"
done

expect 0 convert "$torch/unet-torch1.13.pt" unet.safetensors
stdout_has "46 tensors, unet, in_chans 1, out_chans 1"
grep -qF "note: not carried over: optimizer, exp_dir" "$work/stderr" || fail "no word of what is left out"
grep -aqF '"epoch":"3"' unet.safetensors || fail "no epoch"
grep -aqF '"seed":"430"' unet.safetensors || fail "no seed"
expect 0 convert "$torch/bare.pth" bare.safetensors
stdout_has "a network that is not an official one"

expect 0 convert "$torch/beside.pt" beside.safetensors
grep -qF "note_19 and 12 more" "$work/stderr" || fail "a long list of what is left out"
stderr_is_one_line

# Refused, and nothing is written.
refuse() {
  code=$1 message=$2
  shift 2
  expect "$code" convert "$@"
  stderr_has "$message"
  stderr_is_one_line
  [ ! -e none.safetensors ] && [ ! -e none.pt ] || fail "something was written"
}
refuse 3 "names __main__.Whole" "$torch/whole_module.pt" none.safetensors
refuse 3 "names posix.system, which is neither a tensor nor a plain value" "$torch/trap.pt" none.safetensors
[ ! -e pwned ] || fail "a checkpoint ran a command"
refuse 3 "before version 1.6" "$torch/legacy.pt" none.safetensors
refuse 3 "TorchScript" "$torch/script.pt" none.safetensors
refuse 3 "save it with .clone()" "$torch/expanded.pt" none.safetensors
refuse 3 "No such file" nowhere.pt none.safetensors
head -c 20000 "$torch/unet-torch1.13.pt" >cut.pt
refuse 3 "no zip directory at its end" cut.pt none.safetensors
refuse 2 "ends in .pt, .pth or .safetensors" "$torch/make.py" none.safetensors
refuse 2 "ends in .pt, .pth or .safetensors" "$torch/bare.pth" none.txt
cp "$torch/bare.pth" own.pt
ln own.pt link.pt
refuse 2 "is the input itself" own.pt own.pt
refuse 2 "is the input itself" own.pt ./link.pt
cmp own.pt "$torch/bare.pth" || fail "the input was touched"
expect 2 convert own.pt
expect 2 convert own.pt a.safetensors b.safetensors

# What a file of ours states about itself must hold.
sed 's/"weights_sha256":"[0-9a-f]\{4\}/"weights_sha256":"0000/' unet.safetensors >forged.safetensors
refuse 4 "the file was altered" forged.safetensors none.pt
sed 's/"in_chans":"1"/"in_chans":"2"/' unet.safetensors >forged.safetensors
refuse 3 "metadata 'in_chans' is '2', but by its tensors it is 1" forged.safetensors none.pt

# Where nothing can be written.
expect 2 convert own.pt cut.pt/out.safetensors
stderr_has "cannot create the folder"
