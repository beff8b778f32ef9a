// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "challenge/edition.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "submission/project.h"
#include "submission/project_template.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::cli {
namespace {

constexpr CommandHelp kHelp = {
    "reconproof init [PROJECT] [--edition E] [--name NAME]",
    "Writes a commented reconproof.toml: what your commands are, what they may see, what you "
    "claim.\n"
    "An existing one is never overwritten.",
    "reconproof init\n"
    "reconproof init ~/FastMRI_challenge --edition snu-2025 --name our-varnet"};

}  // namespace

system::ExitCode run_init(int argc, char** argv) {
  std::string folder = ".", edition = "snu-2025", name;
  po::options_description description("Options");
  description.add_options()("project", po::value(&folder),
                            "the team's repository (default: this folder)")(
      "edition", po::value(&edition), "edition of the challenge (default: snu-2025)")(
      "name", po::value(&name), "name of the submission (default: the folder's name)");
  po::positional_options_description positional;
  positional.add("project", 1);
  if (!parse_options(argc, argv, kHelp, description, positional)) return system::ExitCode::kPass;

  challenge::find_edition(edition);  // an unknown one is a usage error
  std::error_code error;
  const std::filesystem::path root = std::filesystem::canonical(folder, error);
  if (error) system::fail(system::Code::kNotFound, "{}: {}", folder, error.message());
  const std::filesystem::path file = root / submission::kProjectFile;
  if (std::filesystem::exists(file, error)) {
    system::fail(system::Code::kInvalidArgument,
                 "{} exists already; edit it, or remove it and run init again", file.string());
  }
  if (name.empty()) name = root.filename().string();
  system::write_file(file, submission::project_template(name, edition));
  fmt::print("Wrote {}.\nFill in your commands, then run `reconproof check`.\n", file.string());
  return system::ExitCode::kPass;
}

}  // namespace reconproof::cli
