// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/check/check.h"

#include <fmt/core.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/limit_options.h"
#include "cli/options.h"
#include "cli/trust_options.h"
#include "formats/strict_json.h"
#include "system/error.h"
#include "system/lists.h"
#include "system/sha256.h"
#include "system/terminal.h"
#include "workflows/check/findings_text.h"
#include "workflows/record/recorded_run.h"

namespace reconproof::cli {
namespace {

constexpr CommandHelp kCheckHelp = {
    "reconproof check [PROJECT] [--data DIR] [options]",
    "Runs the reconstruct command of PROJECT/reconproof.toml twice, isolated and measured; again\n"
    "under other file names and folders with wrong labels beside them; and with another number of\n"
    "threads. Makes the first steps of each declared training twice, and once with another seed,\n"
    "without leaderboard and network. Scores what was reconstructed and judges every rule of the\n"
    "edition. Results in\n"
    "PROJECT/.reconproof/check/: check.json, check.sarif (SARIF 2.1.0), check.xml (JUnit), "
    "recon/.\n"
    "On a machine without the official GPU a clean submission ends in 6 (inconclusive), since its\n"
    "time there was not measured; so does a check that left rules out. A check that was cut off "
    "goes\n"
    "on behind the runs that it had finished, unless the submission, the data or this machine\n"
    "changed meanwhile.",
    "reconproof check\n"
    "reconproof check ~/FastMRI_challenge --data /root/Data\n"
    "reconproof check --only data.overlap,layout.,values.\n"
    "reconproof check --skip repeat. --skip isolation.\n"
    "reconproof check --json | jq '.findings[] | select(.status == \"fail\")'"};

/// Each of the values is a list with commas.
std::vector<std::string> split_lists(const char* option, const std::vector<std::string>& values) {
  std::vector<std::string> entries;
  for (const std::string& value : values) {
    for (std::string& entry : system::split_at_commas(value)) {
      entries.push_back(std::move(entry));
      if (entries.back().empty()) {
        system::fail(system::Code::kUsage, "check: {} '{}': expected rules with commas between",
                     option, system::printable(value));
      }
    }
  }
  return entries;
}

void print_text(const workflows::CheckOutcome& outcome) {
  const checks::Facts& facts = outcome.facts;
  fmt::print("{}: {}, rules {}\n\n{}\n", facts.project.name, facts.edition.title,
             facts.edition.ruleset(), workflows::findings_text(outcome.findings));
  if (facts.score && facts.score->complete) {
    fmt::print("  score");
    for (const challenge::ScoreItem& item : facts.score->items)
      fmt::print("   {} {}", item.name, item.printed);
    fmt::print("\n");
  }
  fmt::print("  {}: exit {}\n", workflows::count_text(outcome.findings),
             static_cast<int>(outcome.exit_code));
}

system::ExitCode print_outcome(const workflows::CheckOutcome& outcome, bool as_json) {
  for (const std::string& note : outcome.notes) fmt::print(stderr, "note: {}\n", note);
  if (as_json) {
    fmt::print("{}", formats::canonical_json(outcome.json));
  } else {
    print_text(outcome);
  }
  return outcome.exit_code;
}

}  // namespace

system::ExitCode run_check(int argc, char** argv) {
  workflows::CheckOptions options;
  std::string project = ".";
  std::vector<std::string> only, skip, waivers;
  po::options_description description("Options");
  description.add_options()("project", po::value(&project),
                            "folder with reconproof.toml (default: this one)")(
      "data", po::value<std::string>(),
      "folder with train/, val/, leaderboard/, or a leaderboard folder")(
      "rules", po::value<std::string>(),
      "a rule file of your own for the project's edition (docs/formats/edition.md)")(
      "data-manifest", po::value<std::string>(),
      "the organiser's manifest: training data that is not in it breaks data.manifest")(
      "waiver", po::value(&waivers)->composing(),
      "the organiser's waiver of rules that are broken (docs/formats/waiver.md); needs "
      "--public-key")(
      "public-key", po::value<std::string>(),
      "the organiser's key, with which manifest and waivers must be signed: ed25519:..., or a "
      "file")("only", po::value(&only)->composing(),
              "judge only these rules: ids, or beginnings such as time., with commas between them")(
      "skip", po::value(&skip)->composing(),
      "leave these rules out; a fail that is seen all the same stays one")(
      "training-steps", po::value(&options.training_steps),
      "first steps of each declared training, which are made thrice (default: 6; 0: none)")(
      "fresh", "make every run anew, whatever a check that was cut off had finished")(
      "verbose,v", "a line on stderr for each run")(
      "json", "print the result as JSON (docs/formats/check.md)");
  add_limit_options(description);
  po::positional_options_description positional;
  positional.add("project", 1);
  const auto values = parse_options(argc, argv, kCheckHelp, description, positional);
  if (!values) return system::ExitCode::kPass;
  options.project = project;
  options.selection = {split_lists("--only", only), split_lists("--skip", skip)};
  options.fresh = values->count("fresh") > 0;
  options.verbose = values->count("verbose") > 0;
  if (values->count("data")) options.data = (*values)["data"].as<std::string>();
  options.limits = limit_options(*values, "check");
  if (options.training_steps < 0 || options.training_steps > 100000) {
    system::fail(system::Code::kInvalidArgument, "check: --training-steps {}: expected 0 to 100000",
                 options.training_steps);
  }
  if (values->count("data-manifest"))
    options.data_manifest = (*values)["data-manifest"].as<std::string>();
  if (values->count("public-key")) {
    if (!options.data_manifest && waivers.empty())
      system::fail(system::Code::kUsage, "check: --public-key needs --data-manifest or --waiver");
    options.public_key = system::PublicKey::from_option((*values)["public-key"].as<std::string>());
  }
  options.waivers = read_waivers("check", waivers, "--public-key", options.public_key);
  if (values->count("rules"))
    options.rules = challenge::read_edition((*values)["rules"].as<std::string>());

  const auto check_and_print = [&](submission::Run& run) {
    if (options.data_manifest)
      run.data_manifest_sha256 = system::sha256_file(*options.data_manifest);
    return print_outcome(workflows::check(options), values->count("json") > 0);
  };
  return workflows::recorded_command("check", argc, argv, options.project, check_and_print);
}

}  // namespace reconproof::cli
