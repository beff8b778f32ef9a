// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "challenge/edition.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "submission/detect/detect.h"
#include "submission/project_template.h"
#include "system/environment.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::cli {
namespace {

namespace fs = std::filesystem;
using submission::Detected;
using system::Code;
using system::fail;
using system::printable;

constexpr CommandHelp kInitHelp = {
    "reconproof init [PROJECT] [--edition E] [--name NAME]",
    "Writes a commented reconproof.toml: what your commands are, what they may see, what you "
    "claim.\n"
    "In a copy of an official repository (2023 to 2026) the edition, commands, sizes and places "
    "are "
    "read from its\n"
    "README and scripts, of which none is run. An existing reconproof.toml is never overwritten.",
    "reconproof init\n"
    "reconproof init ~/FastMRI_challenge --edition snu-2025 --name our-varnet"};

fs::path project_root(const std::string& folder) {
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  if (error) fail(Code::kNotFound, "{}: {}", folder, error.message());
  if (fs::exists(root / submission::kProjectFile, error)) {
    fail(Code::kInvalidArgument, "{} exists already; edit it, or remove it and run init again",
         (root / submission::kProjectFile).string());
  }
  return root;
}

Detected detect(const fs::path& root, const std::string& edition) {
  Detected found =
      submission::detect_repository(root, {edition, system::environment_variable("PATH")});
  if (found.project.edition.empty()) {
    fail(Code::kUsage, "{}: {}; give --edition E (one of {})", root.string(), found.edition_doubt,
         fmt::join(challenge::edition_ids(), ", "));
  }
  return found;
}

void print_found(const Detected& found) {
  for (const submission::Evidence& evidence : found.evidence) {
    fmt::print("  {:<12} {}   ({})\n", evidence.what, printable(evidence.value),
               printable(evidence.where));
  }
  for (const std::string& warning : found.warnings)
    fmt::print(stderr, "warning: {}\n", printable(warning));
}

}  // namespace

system::ExitCode run_init(int argc, char** argv) {
  std::string folder = ".", edition, name;
  po::options_description description("Options");
  description.add_options()("project", po::value(&folder),
                            "the team's repository (default: this folder)")(
      "edition", po::value(&edition),
      "edition of the challenge (default: that of the official repository which this is a copy "
      "of)")("name", po::value(&name), "name of the submission (default: the folder's name)");
  po::positional_options_description positional;
  positional.add("project", 1);
  if (!parse_options(argc, argv, kInitHelp, description, positional))
    return system::ExitCode::kPass;

  if (!edition.empty()) challenge::find_edition(edition);  // an unknown one is a usage error
  const fs::path root = project_root(folder);
  Detected found = detect(root, edition);
  found.project.name = name.empty() ? root.filename().string() : name;
  const fs::path file = root / submission::kProjectFile;
  system::write_file(file, submission::project_template(
                               found.project, challenge::find_edition(found.project.edition)));
  fmt::print("Wrote {}.\n", printable(file.string()));
  print_found(found);
  fmt::print("{}, then run `reconproof check`.\n",
             found.project.reconstruct_step ? "Look it through" : "Fill in your commands");
  return system::ExitCode::kPass;
}

}  // namespace reconproof::cli
