// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/extract.h"

#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "formats/strict_json.h"
#include "submission/bundle/hashing.h"
#include "system/interrupt.h"
#include "system/terminal.h"

namespace reconproof::cli {
namespace {

constexpr CommandHelp kExtractHelp = {
    "reconproof extract FILE.tar [--to FOLDER] [--only PART[,PART...]] [--json]",
    "Verifies a bundle and writes its files to a new folder. A bundle with a problem extracts "
    "nothing. Only regular\n"
    "files and folders are written, all of them below that folder. Exit codes are those of "
    "`reconproof verify`.",
    "reconproof extract team7.tar\n"
    "reconproof extract team7.tar --to /tmp/team7 --only weights,code"};

}  // namespace

system::ExitCode run_extract(int argc, char** argv) {
  std::string bundle, target, only;
  submission::ExtractOptions options;
  po::options_description description("Options");
  description.add_options()("bundle", po::value(&bundle)->required(), "the bundle")(
      "to", po::value(&target),
      "the folder to make; the bundle's name without .tar when not given")(
      "only", po::value(&only),
      "write only these parts of data/ (attachments, code, logs, recon, weights), and what stands "
      "outside data/")("max-bytes", po::value(&options.limits.max_total_bytes),
                       "refuse a bundle whose files have more bytes together (default: 1 TiB)")(
      "threads", po::value(&options.threads)->default_value(0), "0: one a core")(
      "json", "print the result as JSON (docs/formats/bundle.md)");
  po::positional_options_description positional;
  positional.add("bundle", 1);
  const auto values = parse_options(argc, argv, kExtractHelp, description, positional);
  if (!values) return system::ExitCode::kPass;
  if (values->count("only")) options.parts = submission::parse_parts(only);
  expect_threads("extract", options.threads);
  if (target.empty()) target = std::filesystem::path(bundle).stem().string();

  const system::InterruptWatch watch;
  const submission::VerifyResult result = submission::extract(bundle, target, options);
  if (values->count("json")) {
    fmt::print("{}", formats::canonical_json(to_json(result)));
  } else {
    fmt::print("{}", to_text(result));
    if (result.ok()) fmt::print("extracted to {}\n", system::printable(target));
  }
  return result.exit_code();
}

}  // namespace reconproof::cli
