// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "workflows/check/check.h"

namespace reconproof::workflows {

/// JUnit XML as CI servers read it (docs/formats/check.md): a test case a rule. Its failures are
/// the broken rules that give exit code 1; text of strangers is made printable, cut and escaped.
std::string findings_junit(const CheckOutcome& outcome);

}  // namespace reconproof::workflows
