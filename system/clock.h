// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

namespace reconproof::system {

/// CLOCK_MONOTONIC in seconds: for durations, never for dates.
double monotonic_seconds();

/// CPU time of the calling thread so far.
double thread_cpu_seconds();

}  // namespace reconproof::system
