# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# What a wrong command line says, and that the harness starts without LibTorch.
. "$(dirname "$0")/lib.sh"

expect 2
stderr_has "Usage: reconproof <command>"
expect 2 frobnicate
stderr_has "unknown command 'frobnicate'; see \`reconproof --help\`"
stderr_is_one_line
expect 2 score --frobnicate
stderr_has "unrecognised option '--frobnicate'"
stderr_is_one_line
expect 2 score --labels x --recon y
stderr_has "give --edition E (one of snu-2021"
expect 2 score --edition snu-1999 --labels x --recon y
stderr_has "unknown edition 'snu-1999'; this version knows: snu-2021, snu-2022"
expect 2 score --edition snu-2025 --labels x --recon y --threads -3
stderr_has "expected 0 to 1024"
expect 2 data
expect 2 data frobnicate
expect 2 pack
expect 2 verify
expect 2 extract
expect 2 sign
expect 2 waive
expect 2 reproduce
expect 2 check --timeout 0
expect 2 plan

expect 0 --help
stdout_has "reconproof <command> --help"
for command in init doctor plan score check run pack verify extract reproduce sign waive report version; do
  expect 0 "$command" --help
  stdout_has "Usage: reconproof $command"
  stdout_has "Examples:"
done
for command in synth import; do
  expect 0 data "$command" --help
  stdout_has "Examples:"
done

expect 0 version --json
for key in revision dirty source_sha256 rules_sha256 compiler libtorch cpu threads; do
  stdout_has "\"$key\""
done

# Nothing is missing, or something is; either way it says what makes Python faster, unless that is done.
"$program" doctor >"$work/stdout" || [ $? -eq 6 ] || fail "doctor: exit $?"
stdout_has "export MALLOC_MMAP_MAX_=0 "
MALLOC_MMAP_MAX_=0 "$program" doctor >"$work/stdout" || [ $? -eq 6 ] || fail "doctor: exit $?"
stdout_has "keeps freed memory"
! grep -q "export MALLOC" "$work/stdout" || fail "doctor advises what is done"

# A name that would clear the screen is shown, not obeyed.
expect 2 "$(printf 'x\033[2J')"
stderr_has 'x\x1b[2J'

! ldd "$program" | grep -q -e libtorch -e libc10 || fail "the harness links LibTorch"
