# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts of this folder: what a submission does that keeps the rules.
# MARK: digits that only this test's processes carry on their command lines.
honest() { ./fake_submission ../Data/leaderboard ../result/recon "${1:-ok}"; }
linger() { sleep "300.$MARK"; }
