// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace reconproof::baseline {

/// Runs `reconproof-baseline <arguments>`. Throws system::Error for every fault; the exit code
/// otherwise.
int run_command(const std::vector<std::string>& arguments);

}  // namespace reconproof::baseline
