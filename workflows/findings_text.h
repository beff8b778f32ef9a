// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "challenge/finding.h"

namespace reconproof::workflows {

/// One block a finding, failures first, with evidence and what to do; text of strangers is made
/// printable.
std::string findings_text(const std::vector<challenge::Finding>& findings);

/// "9 pass, 1 fail, 2 inconclusive"
std::string count_text(const std::vector<challenge::Finding>& findings);

}  // namespace reconproof::workflows
