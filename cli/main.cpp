// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// reconproof <command> [options]: finds the command, runs it, turns exceptions into exit codes.
#include <fmt/core.h>

#include <cstdio>
#include <string_view>

#include "cli/commands.h"
#include "formats/hdf5_child.h"
#include "system/error.h"
#include "system/gpu_ballast.h"
#include "system/interrupt.h"
#include "system/sandbox_child.h"
#include "system/terminal.h"

namespace {

using namespace reconproof;
using system::ExitCode;

struct Command {
  std::string_view name;
  const char* summary;
  ExitCode (*run)(int, char**);
};

constexpr Command kCommands[] = {
    {"init", "write a commented reconproof.toml into a team's repository", cli::run_init},
    {"doctor", "what this machine has, what is missing, and how to get it", cli::run_doctor},
    {"data", "make and examine challenge data: synth, import, validate, manifest", cli::run_data},
    {"plan", "before training: what fits the limits, and when the last training must begin",
     cli::run_plan},
    {"train", "train the baseline E2E-VarNet", cli::run_baseline},
    {"reconstruct", "reconstruct a leaderboard folder with trained weights", cli::run_baseline},
    {"convert", "weights from .pt to .safetensors and back", cli::run_convert},
    {"score", "the official score of a set of reconstructions", cli::run_score},
    {"check", "run a submission in isolation and judge every rule of its edition", cli::run_check},
    {"ledger", "what a training left of itself: show, verify, compare, replay", cli::run_ledger},
    {"run", "run any command and record it: log, code, curves, outcome; tells when it ends",
     cli::run_run},
    {"runs", "what was run here: list, show, diff, plot, note, export, import, merge",
     cli::run_runs},
    {"pack", "pack weights, reconstructions, code and evidence into one bundle", cli::run_pack},
    {"verify", "verify a bundle: every byte, every name, who signed it", cli::run_verify},
    {"extract", "verify a bundle and write its files to a new folder", cli::run_extract},
    {"rehearse", "the organiser's day, tonight: what an assistant would meet", cli::run_rehearse},
    {"reproduce", "run a bundle again, and compare with what it claims", cli::run_reproduce},
    {"keygen", "make a key to sign with", cli::run_keygen},
    {"sign", "vouch for a bundle, as its team or as an organiser", cli::run_sign},
    {"waive", "let a broken rule pass for one submission: signed by the organiser", cli::run_waive},
    {"readme", "write the README section that organisers ask for, from recorded evidence",
     cli::run_readme},
    {"report", "write the report of the last check as one HTML file", cli::run_report},
    {"rules", "what the rules are, where each is written, what changed between editions",
     cli::run_rules},
    {"version", "which program this is", cli::run_version},
};

void print_usage(std::FILE* out) {
  fmt::print(
      out,
      "Usage: reconproof <command> [options]\n\n"
      "The submission harness for accelerated-MRI reconstruction challenges.\n\nCommands:\n");
  for (const Command& command : kCommands)
    fmt::print(out, "  {:<12} {}\n", command.name, command.summary);
  fmt::print(out,
             "\n`reconproof <command> --help` shows options and examples.\n"
             "Exit codes: 0 pass, 1 a rule is broken, 2 usage, 3 unreadable or malformed input,\n"
             "4 integrity or signature, 5 not reproduced, 6 inconclusive, 70 internal.\n");
}

ExitCode run(int argc, char** argv) {
  const std::string_view name = argc > 1 ? argv[1] : "";
  // Hidden commands: this binary re-executed as its own confined helpers.
  if (name == formats::kHdf5ReaderCommand) return static_cast<ExitCode>(formats::serve_hdf5());
  if (name == system::kEnterSandboxCommand) return static_cast<ExitCode>(system::enter_sandbox());
  if (name == system::kGpuBallastCommand) return static_cast<ExitCode>(system::serve_gpu_ballast());
  if (name == "--help" || name == "-h" || name == "help") {
    print_usage(stdout);
    return ExitCode::kPass;
  }
  if (name.empty()) {
    print_usage(stderr);
    return ExitCode::kUsage;
  }
  for (const Command& command : kCommands) {
    if (command.name == name) return command.run(argc - 1, argv + 1);
  }
  system::fail(system::Code::kUsage, "unknown command '{}'; see `reconproof --help`",
               system::printable(name));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const ExitCode code = run(argc, argv);
    // A full disk behind stdout must not look like success.
    if (std::fflush(stdout) != 0)
      system::fail(system::Code::kIo, "cannot write to standard output");
    return static_cast<int>(code);
  } catch (const system::Error& error) {
    fmt::print(stderr, "reconproof: {}\n", system::printable(error.what()));
    return static_cast<int>(system::exit_code_of(error.code()));
  } catch (const system::Interrupted& interrupted) {
    system::die_of(interrupted);
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "reconproof: out of memory\n");
  } catch (const std::exception& error) {
    fmt::print(stderr, "reconproof: internal error: {}\n", system::printable(error.what()));
  }
  return static_cast<int>(ExitCode::kInternal);
}
