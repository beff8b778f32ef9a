// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The commands of the harness. Each parses its own options (argv[0] is the command's name) and
// calls one function of the libraries; errors are exceptions, caught in main.
#pragma once

#include "system/exit_code.h"

namespace reconproof::cli {

system::ExitCode run_check(int argc, char** argv);
system::ExitCode run_convert(int argc, char** argv);
system::ExitCode run_data(int argc, char** argv);
// Subcommands of data.
system::ExitCode run_data_leaks(int argc, char** argv);
system::ExitCode run_data_manifest(int argc, char** argv);
system::ExitCode run_data_validate(int argc, char** argv);
system::ExitCode run_doctor(int argc, char** argv);
system::ExitCode run_extract(int argc, char** argv);
system::ExitCode run_init(int argc, char** argv);
system::ExitCode run_ledger(int argc, char** argv);
system::ExitCode run_ledger_replay(int argc, char** argv);
system::ExitCode run_keygen(int argc, char** argv);
system::ExitCode run_pack(int argc, char** argv);
system::ExitCode run_plan(int argc, char** argv);
system::ExitCode run_report(int argc, char** argv);
system::ExitCode run_readme(int argc, char** argv);
system::ExitCode run_rehearse(int argc, char** argv);
system::ExitCode run_reproduce(int argc, char** argv);
system::ExitCode run_rules(int argc, char** argv);
system::ExitCode run_run(int argc, char** argv);
system::ExitCode run_runs(int argc, char** argv);
system::ExitCode run_score(int argc, char** argv);
system::ExitCode run_sign(int argc, char** argv);
system::ExitCode run_verify(int argc, char** argv);
system::ExitCode run_version(int argc, char** argv);
system::ExitCode run_waive(int argc, char** argv);

/// reconproof-baseline, which links LibTorch: recorded inside a project, else in place of this
/// process.
system::ExitCode run_baseline(int argc, char** argv);

}  // namespace reconproof::cli
