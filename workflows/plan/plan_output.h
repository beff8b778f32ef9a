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
/// "fits     GPU memory of training   3.91 GiB (3.4 to 4.5), limit 7.45 GiB: 3.54 GiB left ..."
std::string limit_text(const LimitVerdict& limit);

}  // namespace reconproof::workflows
