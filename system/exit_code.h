// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The exit codes of both programs. Each one is asserted by a test in tests/cli.
#pragma once

#include <initializer_list>

#include "system/error.h"

namespace reconproof::system {

enum class ExitCode : int {
  kPass = 0,
  kRuleBroken = 1,
  kUsage = 2,
  kMalformed = 3,  // unreadable or malformed input
  kIntegrity = 4,  // integrity or signature
  kNotReproduced = 5,
  kInconclusive = 6,  // something could not be measured here
  kInternal = 70,
};

ExitCode exit_code_of(Code code);

/// Where several apply, the first that holds of 70, 2, 3, 4, 1, 5, 6, 0.
ExitCode worst(std::initializer_list<ExitCode> codes);
inline ExitCode worst(ExitCode a, ExitCode b) { return worst({a, b}); }

}  // namespace reconproof::system
