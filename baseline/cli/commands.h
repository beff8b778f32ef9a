// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The commands of reconproof-baseline. `reconproof train` and `reconproof reconstruct` become this
// program, so its messages name the commands by that name.
#pragma once

#include <boost/program_options.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "system/command_line.h"
#include "system/exit_code.h"

namespace reconproof::baseline {

namespace po = boost::program_options;
using system::CommandHelp;
using system::parse_options;

inline constexpr const char* kDefaultEdition = "snu-2025";

system::ExitCode run_pace(int argc, char** argv);
system::ExitCode run_plan(int argc, char** argv);
system::ExitCode run_reconstruct(int argc, char** argv);
system::ExitCode run_train(int argc, char** argv);
system::ExitCode run_version(int argc, char** argv);

/// An option that takes a value: `text(target, "DIR")`; its present value is the default.
template <typename T>
po::typed_value<T>* option(T& target, const char* placeholder) {
  return po::value(&target)->default_value(target)->value_name(placeholder);
}
po::typed_value<std::string>* required(std::string& target, const char* placeholder);

/// kInvalidArgument for a number below `least`: boost reads "-1" into an unsigned type without
/// complaint, so numbers are parsed signed and checked here.
void require_at_least(const char* option, double value, double least);

/// Runs argv[1] with the rest as its arguments. Exit code of the process; errors are exceptions.
int run_command(int argc, char** argv);

}  // namespace reconproof::baseline
