// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// How much a run of a submission may take: --timeout, --limit-memory, ...
#pragma once

#include "cli/options.h"
#include "workflows/run_inputs.h"

namespace reconproof::cli {

void add_limit_options(po::options_description& description);

/// kInvalidArgument for values that no run could keep; `command` is named in the message.
workflows::RunLimits limit_options(const po::variables_map& values, const char* command);

}  // namespace reconproof::cli
