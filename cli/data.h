// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/exit_code.h"

namespace reconproof::cli {

/// `reconproof data synth|import`: argv[0] is "data".
system::ExitCode run_data(int argc, char** argv);

}  // namespace reconproof::cli
