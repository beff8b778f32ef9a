// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/command_line.h"
#include "system/error.h"

namespace reconproof::cli {

namespace po = boost::program_options;
using system::CommandHelp;
using system::parse_options;

/// kInvalidArgument unless --threads has a number that a machine may have; 0 is one a core.
inline void expect_threads(const char* command, int threads) {
  if (threads < 0 || threads > 1024) {
    system::fail(system::Code::kInvalidArgument, "{}: --threads {}: expected 0 to 1024", command,
                 threads);
  }
}

}  // namespace reconproof::cli
