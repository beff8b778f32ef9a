// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/command_line.h"

namespace reconproof::cli {

namespace po = boost::program_options;
using system::CommandHelp;
using system::parse_options;

}  // namespace reconproof::cli
