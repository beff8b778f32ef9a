// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a reproduction found, for machines: docs/formats/reproduce.md.
#pragma once

#include <nlohmann/json.hpp>

#include "workflows/reproduce/reproduce.h"

namespace reconproof::workflows {

/// Of a bundle that is damaged: nothing of it was used.
nlohmann::json damage_json(const Reproduction& reproduction);

nlohmann::json reproduction_json(const Reproduction& reproduction,
                                 const submission::RestoredBundle& bundle);

}  // namespace reconproof::workflows
