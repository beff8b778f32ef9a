# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# A bundle is a bag to others too: GNU tar extracts it and the Library of Congress's bagit.py validates it.
#   sh bagit.sh BUNDLE.tar
# PYTHON names an interpreter with the module bagit (pip install bagit); without one the script is skipped (77),
# or fails with RECONPROOF_REQUIRE_BAGIT=1.
set -eu
bundle=$1
python=${PYTHON:-python3}
if ! "$python" -c 'import bagit' 2>/dev/null; then
  echo "skipped: $python has no module bagit" >&2
  [ "${RECONPROOF_REQUIRE_BAGIT:-0}" = 1 ] && exit 1
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -xf "$bundle" -C "$work"
[ "$(ls -A "$work" | wc -l)" -eq 1 ] || { echo "FAILED: more than one folder in $bundle" >&2; exit 1; }
bag=$work/$(ls "$work")
"$python" -m bagit --validate "$bag"

# The validator itself is awake: a changed weight file is refused.
for file in "$bag"/data/weights/*; do printf x >>"$file"; done
if "$python" -m bagit --validate "$bag" 2>/dev/null; then
  echo "FAILED: bagit accepted changed weights" >&2
  exit 1
fi
echo "ok: bagit validates $bundle"
