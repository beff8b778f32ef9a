// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/exit_code.h"

namespace reconproof::cli {

/// `report [PROJECT]`: writes the report of the last check. 0 when it is written, whatever its
/// verdict.
system::ExitCode run_report(int argc, char** argv);

}  // namespace reconproof::cli
