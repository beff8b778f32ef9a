// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/verify.h"

#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/trust_options.h"
#include "formats/strict_json.h"
#include "submission/bundle/hashing.h"

namespace reconproof::cli {
namespace {

constexpr CommandHelp kVerifyHelp = {
    "reconproof verify FILE.tar|FOLDER [--public-key KEY ...] [options]",
    "Tells whether a bundle, packed or extracted, is complete and "
    "unchanged: every file that its manifests list,\n"
    "with its SHA-256, and no other. Exit 0 when it is, 4 when files "
    "are damaged, missing or added, 3 when it is\n"
    "no well-formed bundle. The id names these very bytes: compare it "
    "with the one that the team announced,\n"
    "or name the public keys that must have signed it (exit 4 where one has not). Keys in a bundle "
    "prove nothing.",
    "reconproof verify team7.tar\n"
    "reconproof verify team7.tar --public-key team7.pub --public-key ed25519:9Xbw...\n"
    "reconproof verify team7.tar --only weights,code\n"
    "reconproof verify team7.tar --json | jq -r .id\n"
    "tar -xf team7.tar && reconproof verify team7"};

}  // namespace

system::ExitCode run_verify(int argc, char** argv) {
  std::string bundle, only;
  std::vector<std::string> keys, attestations;
  submission::VerifyOptions options;
  po::options_description description("Options");
  description.add_options()("bundle", po::value(&bundle)->required(),
                            "the bundle, or the folder it was extracted to")(
      "public-key", po::value(&keys)->composing(),
      "key that must have signed it: ed25519:..., or a file; may be given again")(
      "attestation", po::value(&attestations)->composing(),
      "a signature that stands beside the bundle (`sign --detached`); may be given again")(
      "only", po::value(&only),
      "hash only these parts of data/ (attachments, code, logs, recon, weights); all else is "
      "judged as ever")("threads", po::value(&options.threads)->default_value(0), "0: one a core")(
      "json", "print the result as JSON (docs/formats/bundle.md)");
  po::positional_options_description positional;
  positional.add("bundle", 1);
  const auto values = parse_options(argc, argv, kVerifyHelp, description, positional);
  if (!values) return system::ExitCode::kPass;
  if (values->count("only")) options.parts = submission::parse_parts(only);
  expect_threads("verify", options.threads);

  options.trust.files = {attestations.begin(), attestations.end()};
  options.trust.keys = public_keys(keys);
  const submission::VerifyResult result = submission::verify(bundle, options);
  if (values->count("json")) {
    fmt::print("{}", formats::canonical_json(to_json(result)));
  } else {
    fmt::print("{}", to_text(result));
  }
  return result.exit_code();
}

}  // namespace reconproof::cli
