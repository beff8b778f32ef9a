// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Subcommands of `reconproof data` that have a file of their own.
#pragma once

#include "system/exit_code.h"

namespace reconproof::cli {

system::ExitCode run_data_manifest(int argc, char** argv);
system::ExitCode run_data_validate(int argc, char** argv);

}  // namespace reconproof::cli
