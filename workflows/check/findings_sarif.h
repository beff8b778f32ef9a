// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "workflows/check/check.h"

namespace reconproof::workflows {

/// SARIF 2.1.0 (docs/formats/check.md): every rule of the edition, one result a finding. Text of
/// strangers is made printable and cut; file names among the evidence become locations.
std::string findings_sarif(const CheckOutcome& outcome);

}  // namespace reconproof::workflows
