// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace reconproof::reports {

/// A history of six runs: a training that ran out of memory after two hours, with a lesson, and one
/// that was killed sooner; trainings whose best losses are 0.25 and 0.125 and a run without any; a
/// check.
void record_runs(const std::filesystem::path& root);

}  // namespace reconproof::reports
