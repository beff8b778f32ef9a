# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# data validate: every corruption of data_faults.py is found with file, slice and reason; clean sets have no finding.
scripts=$(cd "$(dirname "$0")" && pwd)
. "$scripts/lib.sh"
/usr/bin/python3 "$scripts/data_faults.py" "$program" "$work"
