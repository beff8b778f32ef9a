// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "workflows/plan/plan.h"

namespace reconproof::workflows {

/// For people: verdicts, times, the table of what fits, classes of models, notes.
std::string plan_text(const Plan& plan);

/// docs/formats/plan.md.
nlohmann::json plan_json(const Plan& plan);

nlohmann::json to_json(const Figure& figure);
nlohmann::json to_json(const LimitVerdict& limit);
/// A line for each: verdict, figure, limit, what is left; below it once for each rule where it is
/// written.
std::string limits_text(const std::vector<LimitVerdict>& limits);

}  // namespace reconproof::workflows
