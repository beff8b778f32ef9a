// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/exit_code.h"

namespace reconproof::cli {

/// argv[0] is the command's name.
system::ExitCode run_pack(int argc, char** argv);

}  // namespace reconproof::cli
