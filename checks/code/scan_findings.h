// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checks/code/scan.h"

namespace reconproof::checks {

/// Keeps a finding, its text made printable and short, or counts it where there are too many.
void add_finding(CodeScan& scan, CodeFinding finding);

/// Of shell text: the commands that reach into the network, "wget" or "git clone".
std::vector<std::string> network_commands(std::string_view shell);

/// The words of shell text that end in .py.
std::vector<std::string> python_scripts(std::string_view shell);

}  // namespace reconproof::checks
