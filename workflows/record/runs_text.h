// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A project's history for people and programs (docs/records.md, docs/formats/runs.md).
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "submission/runs/history.h"

namespace reconproof::workflows {

/// A line a run, newest first, and its last lesson below it. `columns`: of the terminal.
std::string runs_table(std::span<const submission::Run> runs, size_t columns);

/// All that is known of a run but log and diff. `lives`: whether its program does.
std::string run_text(const submission::Run& run, std::optional<bool> lives);

/// Eight heights, as blocks: of so many columns at most. Empty where no value is finite.
std::string sparkline(std::span<const double> values, size_t columns = 60);

/// How two runs differ: command, code, environment, seeds, results, and where their curves part.
std::string runs_difference(const submission::Run& a, const submission::Run& b);
nlohmann::json runs_difference_json(const submission::Run& a, const submission::Run& b);

/// One row of `runs list --json`.
nlohmann::json summary_json(const submission::Run& run);

/// Runs of one drawing: more lines are told apart by nobody.
inline constexpr size_t kMostPlotted = 5;

/// Curves of up to kMostPlotted runs, as a file of its own: training and validation loss by epoch.
std::string runs_svg(std::span<const submission::Run> runs);

}  // namespace reconproof::workflows
