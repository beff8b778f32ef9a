// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a check found, for machines: docs/formats/check.md.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "workflows/check/check.h"

namespace reconproof::workflows {

/// {path: `name`, bytes, sha256}. kNotFound or kIo where the file cannot be read.
nlohmann::json file_json(const std::filesystem::path& path, const std::string& name);

/// `run` and `trainings` of check.json.
nlohmann::json run_json(const checks::WholeRunResult& run);
nlohmann::json trainings_json(const checks::Facts& facts);

/// check.json, but for what is known before the runs (zero_filled, weights).
nlohmann::json outcome_json(const CheckOutcome& outcome);

}  // namespace reconproof::workflows
