# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/lib.sh"
mkdir team
expect 0 init team --name 'our "net"'
grep -qF 'name = "our \"net\""' team/reconproof.toml || fail "name not written"
before=$(cat team/reconproof.toml)
expect 2 init team
stderr_has "exists already"
[ "$before" = "$(cat team/reconproof.toml)" ] || fail "an existing file was changed"
expect 2 init . --edition snu-1999
[ ! -e reconproof.toml ] || fail "a file was written for an unknown edition"
expect 3 init nowhere
# What init writes is understood; what it points to is not there yet.
expect 3 check team
stderr_has "best_model.pt: No such file or directory"
stderr_is_one_line
expect 3 check .
stderr_has "run \`reconproof init\` there first"
printf '\n[projekt]\n' >>team/reconproof.toml
expect 3 check team
stderr_has "projekt: unknown key"
