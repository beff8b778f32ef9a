// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

namespace reconproof::system {

/// CLOCK_MONOTONIC in seconds: for durations, never for dates.
double monotonic_seconds();

}  // namespace reconproof::system
