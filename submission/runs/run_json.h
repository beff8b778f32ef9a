// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Runs as lines of JSON: how teammates exchange them (docs/formats/runs.md).
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "submission/runs/run.h"

namespace reconproof::submission {

/// What a table of runs needs not, as one value: directory, code, environment, seeds, score, ...
nlohmann::json details_json(const Run& run);
/// The other way round; kCorrupt, with `name`, for anything that details_json would not write.
void read_details(const nlohmann::json& details, Run& run, const std::string& name);

/// The whole run. Points and notes stand in their order.
nlohmann::json run_json(const Run& run);
/// The same on one line, without its end.
std::string run_line(const Run& run);
/// kCorrupt, with `name`, for anything that run_line would not write.
Run parse_run_line(std::string_view line, const std::string& name);
/// Lines of a file; blank ones are passed over. kCorrupt with file and line.
std::vector<Run> parse_run_lines(std::string_view text, const std::string& name);

}  // namespace reconproof::submission
