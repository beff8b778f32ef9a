// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/cli/commands.h"

#include <fmt/core.h>

#include <cmath>
#include <string_view>

#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::baseline {
namespace {

using system::Code;
using system::ExitCode;
using system::fail;

struct Command {
  std::string_view name;
  const char* summary;
  ExitCode (*run)(int, char**);
};

constexpr Command kCommands[] = {
    {"train", "train a network by the official steps from one seed", run_train},
    {"reconstruct",
     "reconstruct every cell of the leaderboard: trained weights, or a classical method",
     run_reconstruct},
    {"pace", "how long a slice takes on this machine: what predicts times on others", run_pace},
    {"plan", "what networks take for a slice: memory and time, predicted", run_plan},
    {"version", "versions of program and LibTorch, CUDA, threads", run_version},
};

void print_usage(std::FILE* out) {
  fmt::print(out, "Usage: reconproof-baseline <command> [options]\n\nCommands:\n");
  for (const Command& command : kCommands)
    fmt::print(out, "  {:<12} {}\n", command.name, command.summary);
  fmt::print(out, "\n`reconproof-baseline <command> --help` shows options and examples.\n");
}

}  // namespace

po::typed_value<std::string>* required(std::string& target, const char* placeholder) {
  return po::value(&target)->required()->value_name(placeholder);
}

void require_at_least(const char* option, double value, double least) {
  if (value < least || !std::isfinite(value))
    fail(Code::kInvalidArgument, "{} is {}, expected {} or more", option, value, least);
}

int run_command(int argc, char** argv) {
  const std::string_view name = argc > 1 ? argv[1] : "";
  if (name == "--help" || name == "-h" || name == "help") {
    print_usage(stdout);
    return static_cast<int>(ExitCode::kPass);
  }
  if (name.empty()) {
    print_usage(stderr);
    return static_cast<int>(ExitCode::kUsage);
  }
  for (const Command& command : kCommands) {
    if (name == command.name) return static_cast<int>(command.run(argc - 1, argv + 1));
  }
  fail(Code::kUsage, "unknown command '{}'; see `reconproof-baseline --help`",
       system::printable(name));
}

}  // namespace reconproof::baseline
