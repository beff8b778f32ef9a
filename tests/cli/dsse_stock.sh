# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# A signature of ours is one to others too: PyPI's securesystemslib verifies it.
#   sh dsse_stock.sh SIGNED.tar, with its public key in SIGNED.tar.pub
# PYTHON names an interpreter with the module securesystemslib (pip install 'securesystemslib[crypto]'); without one the
# script is skipped (77), or fails with RECONPROOF_REQUIRE_STOCK=1.
set -eu
python=${PYTHON:-python3}
if ! "$python" -c 'import cryptography, securesystemslib' 2>/dev/null; then
  echo "skipped: $python has no module securesystemslib with cryptography" >&2
  [ "${RECONPROOF_REQUIRE_STOCK:-0}" = 1 ] && exit 1
  exit 77
fi
"$python" - "$1" <<'END'
import base64, hashlib, json, sys, tarfile
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

bundle = sys.argv[1]
raw = base64.b64decode(open(bundle + ".pub").read().strip().removeprefix("ed25519:"))
key = SSlibKey(hashlib.sha256(raw).hexdigest(), "ed25519", "ed25519", {"public": raw.hex()})

def holds(envelope):
    try:
        return envelope.verify([key], 1) != {}
    except VerificationError:
        return False

with tarfile.open(bundle) as tar:
    files = {m.name.split("/", 1)[1]: tar.extractfile(m).read() for m in tar if m.isfile()}
bundle_id = hashlib.sha256(files["tagmanifest-sha256.txt"]).hexdigest()
held = 0
for name, text in files.items():
    if not name.startswith("attestations/"):
        continue
    envelope = Envelope.from_dict(json.loads(text))
    if not holds(envelope):
        continue
    held += 1
    statement = json.loads(envelope.payload)
    assert statement["_type"] == "https://in-toto.io/Statement/v1", statement
    assert statement["subject"] == [{"name": "tagmanifest-sha256.txt", "digest": {"sha256": bundle_id}}], statement
    # The verifier itself is awake.
    for change in ({"payload": envelope.payload + b" "}, {"payload_type": "text/plain"}):
        parts = {"payload": envelope.payload, "payload_type": envelope.payload_type, "signatures": envelope.signatures}
        assert not holds(Envelope(**(parts | change))), f"securesystemslib accepted another {list(change)[0]}"
assert held == 1, f"{held} attestations of the key, expected 1"
print(f"ok: securesystemslib verifies the signature in {bundle}")
END
