# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# What `reconproof convert` writes is a safetensors file to others too: PyPI's safetensors loads it, and what that package
# writes of it holds the same weights.
#   sh safetensors_stock.sh PROGRAM TEST-DATA
# PYTHON names an interpreter with the modules safetensors and numpy; without one the script is skipped (77), or fails with
# RECONPROOF_REQUIRE_STOCK=1.
set -eu
program=$1
torch=$2/torch
python=${PYTHON:-python3}
if ! "$python" -c 'import numpy, safetensors' 2>/dev/null; then
  echo "skipped: $python has no modules safetensors and numpy" >&2
  [ "${RECONPROOF_REQUIRE_STOCK:-0}" = 1 ] && exit 1
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
hash_of() { sed -n 's/.*"weights_sha256": "\(.*\)".*/\1/p' "$1"; }

for name in unet-torch1.13.pt bare.pth; do
  "$program" convert "$torch/$name" ours.safetensors --json >ours.json
  tensors=$(sed -n 's/.*"tensors": \([0-9]*\).*/\1/p' ours.json)
  "$python" - "$tensors" <<'END'
import sys
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save_file

tensors = load_file("ours.safetensors")
assert len(tensors) == int(sys.argv[1]) > 0, f"{len(tensors)} tensors, expected {sys.argv[1]}"
with safe_open("ours.safetensors", "numpy") as file:
    assert "weights_sha256" in file.metadata(), file.metadata()
save_file(tensors, "theirs.safetensors")
# The reader itself is awake.
whole = open("ours.safetensors", "rb").read()
open("cut.safetensors", "wb").write(whole[:-4])
try:
    load_file("cut.safetensors")
    sys.exit("FAILED: safetensors read a file that is cut off")
except SafetensorError:
    pass
END
  "$program" convert theirs.safetensors back.pt --json >theirs.json
  [ -n "$(hash_of ours.json)" ] && [ "$(hash_of ours.json)" = "$(hash_of theirs.json)" ] || {
    echo "FAILED: $name: other weights after the way through safetensors" >&2
    exit 1
  }
done
echo "ok: safetensors reads what convert writes"
