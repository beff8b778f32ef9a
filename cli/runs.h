// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What the subcommands of `runs` share.
#pragma once

#include <memory>
#include <string>

#include "cli/options.h"
#include "submission/runs/history.h"
#include "system/exit_code.h"

namespace reconproof::cli {

void add_project_option(po::options_description& description, std::string& project);

/// The history of `project`, or of where we are; what went without a word is marked as killed.
std::unique_ptr<submission::History> open_history(const std::string& project);

system::ExitCode run_runs_note(int argc, char** argv);
system::ExitCode run_runs_export(int argc, char** argv);
system::ExitCode run_runs_import(int argc, char** argv);
system::ExitCode run_runs_merge(int argc, char** argv);

}  // namespace reconproof::cli
