# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# A changed schema without a new version stops the configure step: sh schema_pin.sh CMAKE SOURCE-FOLDER
set -eu
cmake=$1
source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# pin VERSION SHA256: the verdict on $work/schema.json in $work/out.
pin() {
  "$cmake" -DSCHEMA="$work/schema.json" -DVERSION="$1" -DSHA256="$2" -P "$source/cmake/SchemaPin.cmake" \
    >"$work/out" 2>&1
}
refused() {
  if pin "$@"; then
    echo "FAILED: accepted: $*"
    exit 1
  fi
}
says() {
  tr -s ' \n' '  ' <"$work/out" | grep -qF -- "$1" || {
    echo "FAILED: expected '$1' in:"
    cat "$work/out"
    exit 1
  }
}

cp "$source/challenge/editions/schema.json" "$work/schema.json"
version=$(sed -n 's/^constexpr int64_t kSchemaVersion = \([0-9]*\);$/\1/p' "$source/challenge/edition.cpp")
hash=$(sha256sum "$work/schema.json" | cut -d' ' -f1)
pin "$version" "$hash" || {
  echo "FAILED: the schema of edition.cpp's version is refused"
  cat "$work/out"
  exit 1
}
grep -qF "$hash" "$source/challenge/CMakeLists.txt"

sed 's/"minLength": 1/"minLength": 2/' "$work/schema.json" >"$work/changed" && mv "$work/changed" "$work/schema.json"
refused "$version" "$hash"
says "a changed schema needs a new schema_version"

cp "$source/challenge/editions/schema.json" "$work/schema.json"
refused $((version + 1)) "$hash"
says "schema_version is $version, but version $((version + 1)) is pinned"

echo '{}' >"$work/schema.json"
refused "$version" "$hash"
says "no schema_version to compare with"
