// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "checks/data/validation.h"
#include "cli/commands.h"
#include "cli/edition_option.h"
#include "cli/options.h"
#include "formats/strict_json.h"
#include "system/error.h"

namespace reconproof::cli {
namespace {

constexpr CommandHelp kDataValidateHelp = {
    "reconproof data validate DIR [--edition E] [--manifest FILE [--public-key KEY]] [options]",
    "Reads every volume below DIR once and says what is wrong, with file, slice, reason and what "
    "to\n"
    "do: damaged, already masked, mis-paired or doubled volumes, labels that are not the root sum "
    "of\n"
    "squares of their k-space, wrong `max`, masks and boxes, files that no loader expects. With "
    "the\n"
    "organiser's manifest also every other change. A run that was cut off goes on where it was.\n"
    "Exit 0 when nothing is wrong (warnings aside), else 1.",
    "reconproof data validate /root/Data\n"
    "reconproof data validate /root/Data --edition snu-2026 --manifest data-manifest.jsonl \\\n"
    "  --public-key ed25519:MCowBQYDK2VwAyEA...\n"
    "reconproof data validate /root/Data/train --json | jq '.faults[].file'"};

}  // namespace

system::ExitCode run_data_validate(int argc, char** argv) {
  checks::ValidationOptions options;
  EditionOption edition;
  std::string folder, manifest, public_key;
  po::options_description description("Options");
  description.add_options()("dir", po::value(&folder)->required(),
                            "folder of the data set; also without --dir");
  edition.add_to(description);
  description.add_options()("manifest", po::value(&manifest),
                            "the organiser's manifest (`reconproof data manifest`)")(
      "public-key", po::value(&public_key),
      "key that it must be signed with: ed25519:..., or a file")(
      "threads", po::value(&options.threads)->default_value(0), "0: one a core")(
      "fresh", "read again what a validation that was cut off had read")(
      "json", "print the result as JSON (docs/formats/data-validation.md)");
  po::positional_options_description positional;
  positional.add("dir", 1);
  const auto values = parse_options(argc, argv, kDataValidateHelp, description, positional);
  if (!values) return system::ExitCode::kPass;
  expect_threads("data validate", options.threads);
  if (!public_key.empty() && manifest.empty())
    system::fail(system::Code::kUsage, "data validate: --public-key needs --manifest");
  options.folder = folder;
  if (values->count("edition") || values->count("rules")) options.edition = edition.load();
  if (!manifest.empty()) options.manifest = manifest;
  if (!public_key.empty()) options.public_key = system::PublicKey::from_option(public_key);
  options.fresh = values->count("fresh") > 0;

  const checks::ValidationResult result = checks::validate_data(options);
  fmt::print("{}",
             values->count("json") ? formats::canonical_json(to_json(result)) : to_text(result));
  return result.exit_code();
}

}  // namespace reconproof::cli
