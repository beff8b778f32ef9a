// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// How every command of both programs reads its command line: its own options, `--help` with
// examples, exit 2 for anything else.
#pragma once

#include <boost/program_options.hpp>
#include <optional>
#include <string>

namespace reconproof::system {

namespace po = boost::program_options;

struct CommandHelp {
  const char* usage;     // "reconproof score --edition E --labels DIR --recon DIR [options]"
  const char* summary;   // one or two sentences
  const char* examples;  // lines, without indentation
};

/// Parses argv[1..]. Adds --help; prints it and returns nullopt when it was asked for. Throws
/// kUsage with the command's name in the message for unknown, missing or repeated options.
std::optional<po::variables_map> parse_options(
    int argc, char** argv, const CommandHelp& help, po::options_description options,
    const po::positional_options_description& positional = {});

}  // namespace reconproof::system
