// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/reproduce/reproduce.h"

#include <fmt/core.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/limit_options.h"
#include "cli/options.h"
#include "cli/trust_options.h"
#include "formats/strict_json.h"
#include "reports/model.h"
#include "submission/project.h"
#include "submission/runs/history.h"
#include "system/error.h"
#include "system/files.h"
#include "system/interrupt.h"
#include "workflows/record/recorded_run.h"

namespace reconproof::cli {
namespace {

using system::Code;
using system::fail;

constexpr int64_t kUsualSteps = 6;  // as `check` takes

constexpr CommandHelp kReproduceHelp = {
    "reconproof reproduce FILE.tar --data DIR [options]",
    "What an organiser does with a bundle: verifies it, scores its reconstructions again, runs "
    "its\n"
    "reconstruct command again in the sandbox, and compares item by item what is claimed, "
    "recomputed\n"
    "and re-executed. Names how far they agree: bitwise, numeric, score (every printed digit), or\n"
    "mismatch. Exit 0: reproduced; 5: not, and which comparison failed; 6: something could not be\n"
    "compared here (no data, no GPU, no sandbox); 3 or 4: damaged or malformed, and nothing was "
    "run.",
    "reconproof reproduce team7.tar --data /root/Data\n"
    "reconproof reproduce team7.tar --data /root/Data --train --keep team7-reproduced\n"
    "reconproof reproduce team7.tar --data /root/Data --rules snu-2025   # judge its rules too\n"
    "reconproof reproduce team7.tar --data /root/Data --read-only /opt/conda/envs/mri\n"
    "reconproof reproduce team7.tar --data /root/Data --json | jq .comparisons"};

/// "snu-2025", or a rule file.
challenge::Edition edition_of(const std::string& rules) {
  const std::vector<std::string> known = challenge::edition_ids();
  return std::ranges::find(known, rules) != known.end() ? challenge::find_edition(rules)
                                                        : challenge::read_edition(rules);
}

/// "FOLDER", or "DECLARED=FOLDER" where it lies elsewhere here.
submission::GrantedFolders granted_folders(const std::vector<std::string>& options) {
  submission::GrantedFolders granted;
  for (const std::string& option : options) {
    const size_t equals = option.find('=');
    const std::string folder = equals == std::string::npos ? option : option.substr(equals + 1);
    if (!system::is_folder(folder))
      fail(Code::kNotFound, "reproduce: --read-only {}: no such folder", option);
    granted[option.substr(0, equals)] = folder;
  }
  return granted;
}

/// A team that reproduces its own bundle in its own folder finds the result in its next report.
void leave_for_report(const workflows::Reproduction& result) {
  const auto root = submission::project_above(std::filesystem::current_path());
  if (!root || !result.verified.ok()) return;
  try {
    const submission::Project project = submission::load_project(*root);
    const submission::Project& reproduced = result.facts.project;
    if (project.name != reproduced.name || project.edition != reproduced.edition) return;
    system::write_file(reports::reproduction_file(project), formats::canonical_json(result.json));
  } catch (const system::Error& error) {
    fmt::print(stderr, "note: the result is not kept for `reconproof report`: {}\n", error.what());
  }
}

}  // namespace

system::ExitCode run_reproduce(int argc, char** argv) {
  workflows::ReproduceOptions options;
  std::string bundle;
  std::vector<std::string> read_only, keys, waivers;
  po::options_description description("Options");
  description.add_options()("bundle", po::value(&bundle)->required(), "the bundle")(
      "data", po::value<std::string>(),
      "folder with train/, val/, leaderboard/, or a leaderboard folder")(
      "keep", po::value<std::string>(),
      "a new folder that keeps what was laid out and made (default: it goes)")(
      "train", po::value(&options.training_steps)->implicit_value(kUsualSteps),
      "also the first steps of each declared training (6, or so many)")(
      "rules", po::value<std::string>(),
      "judge the rules of this edition, or of a rule file; runs the command once more")(
      "read-only", po::value(&read_only)->composing(),
      "a folder of this machine that the bundle declares as read_only and may see; "
      "DECLARED=FOLDER where it lies elsewhere here")(
      "public-key", po::value(&keys)->composing(),
      "key that must have signed the bundle: ed25519:..., or a file; may be given again")(
      "waiver", po::value(&waivers)->composing(),
      "with --rules: the organiser's waiver of a rule that is broken; needs --organiser-key")(
      "organiser-key", po::value<std::string>(), "with which waivers must be signed")(
      "verbose,v", "a line on stderr for each run")(
      "json", "print the result as JSON (docs/formats/reproduce.md)");
  add_limit_options(description);
  po::positional_options_description positional;
  positional.add("bundle", 1);
  const auto values = parse_options(argc, argv, kReproduceHelp, description, positional);
  if (!values) return system::ExitCode::kPass;
  options.bundle = bundle;
  options.limits = limit_options(*values, "reproduce");
  options.granted = granted_folders(read_only);
  options.verbose = values->count("verbose") > 0;
  if (values->count("data")) options.data = (*values)["data"].as<std::string>();
  if (values->count("keep")) options.keep = (*values)["keep"].as<std::string>();
  if (values->count("rules")) options.rules = edition_of((*values)["rules"].as<std::string>());
  if (values->count("train") && (options.training_steps < 1 || options.training_steps > 100000)) {
    fail(Code::kInvalidArgument, "reproduce: --train {}: expected 1 to 100000 steps",
         options.training_steps);
  }

  if (!waivers.empty() && !options.rules)
    fail(Code::kUsage, "reproduce: --waiver needs --rules, which it lets pass");
  std::optional<system::PublicKey> organiser;
  if (values->count("organiser-key"))
    organiser = system::PublicKey::from_option((*values)["organiser-key"].as<std::string>());
  options.waivers = read_waivers("reproduce", waivers, "--organiser-key", organiser);
  options.trust.keys = public_keys(keys);

  const system::InterruptWatch watch;
  return workflows::recorded_command("reproduce", argc, argv, ".", [&](submission::Run&) {
    const workflows::Reproduction result = workflows::reproduce(options);
    leave_for_report(result);
    for (const std::string& note : result.notes) fmt::print(stderr, "note: {}\n", note);
    fmt::print("{}", values->count("json") ? formats::canonical_json(result.json)
                                           : workflows::reproduction_text(result));
    return result.exit_code;
  });
}

}  // namespace reconproof::cli
