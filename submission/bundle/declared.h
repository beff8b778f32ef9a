// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What meta/submission.json says of a project's steps (docs/formats/bundle.md).
#pragma once

#include <nlohmann/json.hpp>

#include "submission/project.h"

namespace reconproof::submission {

/// {train, reconstruct}: those that the project has.
nlohmann::json declared_steps(const Project& project);

}  // namespace reconproof::submission
