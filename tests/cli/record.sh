# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# A training under `run`, killed and started again: sh record.sh PROGRAM TEST-DATA FAKE-SUBMISSION TRAINING-TEAM.
trainer=$(cd "$4" && pwd)
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/record_lib.sh"
mkdir code && cd code
touch reconproof.toml
recorded_training python3 "$trainer/epochs.py" 10 0.8
