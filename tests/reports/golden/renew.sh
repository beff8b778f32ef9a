#!/bin/sh
# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Writes the golden reports anew: tests/reports/golden/renew.sh build/dev/bin. Then read `git diff`.
set -eu
RECONPROOF_RENEW_GOLDEN=1 "$1/reports_test" --gtest_filter='*GoldenReport*'
