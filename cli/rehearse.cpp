// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/rehearse/rehearse.h"

#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/limit_options.h"
#include "cli/options.h"
#include "formats/strict_json.h"
#include "system/error.h"
#include "system/interrupt.h"
#include "workflows/record/recorded_run.h"

namespace reconproof::cli {
namespace {

constexpr CommandHelp kRehearseHelp = {
    "reconproof rehearse [PROJECT] --data DIR [options]",
    "The organiser's day, tonight. Clones HEAD into another path, makes a fresh environment from "
    "its\n"
    "requirements, puts the data into another folder, holds the README's commands against the\n"
    "declared steps, trains for a few steps twice without leaderboard and network, reconstructs "
    "the\n"
    "whole leaderboard in the sandbox, and compares the official score with the claimed one, to "
    "the\n"
    "printed digits. One page says what an assistant who follows the README would meet. The\n"
    "environment is kept in ~/.cache/reconproof; nothing but its installation reaches a network.\n"
    "Exit 0: ready; 1: a step would fail; 6: something could not be told here (no GPU, no "
    "sandbox).",
    "reconproof rehearse --data /root/Data\n"
    "reconproof rehearse ~/FastMRI_challenge --data /root/Data --python /opt/venv/bin/python\n"
    "reconproof rehearse --data /root/Data --steps 20 --no-network\n"
    "reconproof rehearse --data /root/Data --json | jq '.steps[] | select(.state != \"ok\")'"};

}  // namespace

system::ExitCode run_rehearse(int argc, char** argv) {
  workflows::RehearseOptions options;
  std::string project = ".";
  po::options_description description("Options");
  description.add_options()("project", po::value(&project),
                            "folder with reconproof.toml (default: this one)")(
      "data", po::value<std::string>(),
      "folder with train/, val/, leaderboard/, or a leaderboard folder (default: what "
      "reconproof.toml declares)")(
      "python", po::value<std::string>(),
      "run everything by this interpreter, in place of a fresh environment")(
      "steps", po::value(&options.training_steps),
      "first steps of each declared training, which are made twice (default: 6; 0: none)")(
      "no-network", "install nothing from a network: only what an earlier rehearsal installed")(
      "keep", po::value<std::string>(),
      "a new folder that keeps the clone and what was made (default: it goes)")(
      "verbose,v", "a line on stderr for each run")(
      "json", "print the result as JSON (docs/formats/rehearse.md)");
  add_limit_options(description);
  po::positional_options_description positional;
  positional.add("project", 1);
  const auto values = parse_options(argc, argv, kRehearseHelp, description, positional);
  if (!values) return system::ExitCode::kPass;
  options.project = project;
  options.network = values->count("no-network") == 0;
  options.verbose = values->count("verbose") > 0;
  if (values->count("data")) options.data = (*values)["data"].as<std::string>();
  if (values->count("python")) options.python = (*values)["python"].as<std::string>();
  if (values->count("keep")) options.keep = (*values)["keep"].as<std::string>();
  options.limits = limit_options(*values, "rehearse");
  if (options.training_steps < 0 || options.training_steps > 100000) {
    system::fail(system::Code::kInvalidArgument, "rehearse: --steps {}: expected 0 to 100000",
                 options.training_steps);
  }
  const system::InterruptWatch watch;
  return workflows::recorded_command(
      "rehearse", argc, argv, options.project, [&](submission::Run& run) {
        const workflows::Rehearsal rehearsal = workflows::rehearse(options);
        if (rehearsal.score) {
          for (const challenge::ScoreItem& item : rehearsal.score->items)
            run.score.push_back({item.name, item.printed, item.value});
        }
        run.message = workflows::rehearsal_verdict(rehearsal);
        fmt::print("{}", values->count("json") ? formats::canonical_json(rehearsal.json)
                                               : workflows::rehearsal_text(rehearsal));
        return rehearsal.exit_code;
      });
}

}  // namespace reconproof::cli
