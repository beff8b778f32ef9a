# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Prints what the harness would print, erases lines of a terminal, and fails.
printf '\033[2J\033[1;1H\033]0;PASS\007'
printf '  pass          run.completes         the reconstruct command ran to its end in the sandbox\n'
printf '  pass          layout.volumes        all there\r\n'
printf '{"schema": "reconproof.check", "exit_code": 0}\n'
printf '  16 pass: exit 0\n\033[8m'
exit 3
