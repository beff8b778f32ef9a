// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "challenge/dataset/manifest.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "formats/strict_json.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::cli {
namespace {

constexpr CommandHelp kDataManifestHelp = {
    "reconproof data manifest DIR -o FILE [--key KEY] [options]",
    "Lists every file below DIR with its SHA-256, shapes, types, attributes, and hashes and a\n"
    "fingerprint of each slice. The same data give the same bytes. With --key it is signed:\n"
    "FILE.dsse.json. Teams hold their copies against it (`data validate --manifest`), organisers "
    "a\n"
    "submission's training data (`check --data-manifest`). A run that was cut off goes on where "
    "it\n"
    "was. Fingerprints are small pictures: publish no manifest of data that nobody may see.",
    "reconproof keygen\n"
    "reconproof data manifest /root/Data -o data-manifest.jsonl --key "
    "~/.config/reconproof/signing.pem"};

}  // namespace

system::ExitCode run_data_manifest(int argc, char** argv) {
  challenge::ManifestOptions options;
  std::string folder, out, key;
  po::options_description description("Options");
  description.add_options()("dir", po::value(&folder)->required(),
                            "folder of the data set; also without --dir")(
      "out,o", po::value(&out)->required(), "the manifest")(
      "key", po::value(&key), "private key that signs it (`reconproof keygen`)")(
      "threads", po::value(&options.threads)->default_value(0), "0: one a core")(
      "json", "print the result as JSON");
  po::positional_options_description positional;
  positional.add("dir", 1);
  const auto values = parse_options(argc, argv, kDataManifestHelp, description, positional);
  if (!values) return system::ExitCode::kPass;
  expect_threads("data manifest", options.threads);
  options.folder = folder;
  options.out = out;
  if (!key.empty()) options.key = key;

  const challenge::ManifestSummary summary = challenge::write_manifest(options);
  const std::string signature =
      options.key ? challenge::manifest_signature(options.out).string() : "";
  if (values->count("json")) {
    fmt::print("{}", formats::canonical_json({{"schema", "reconproof.data-manifest-written"},
                                              {"schema_version", 1},
                                              {"manifest", out},
                                              {"signature", signature},
                                              {"files", summary.files},
                                              {"bytes", summary.bytes},
                                              {"sha256", summary.sha256}}));
  } else {
    fmt::print("{}: {} files, {:.3f} GB\nSHA-256 {}\n{}", out, summary.files,
               static_cast<double>(summary.bytes) / 1e9, summary.sha256,
               signature.empty() ? "not signed: give --key\n" : "signed: " + signature + "\n");
  }
  return system::ExitCode::kPass;
}

}  // namespace reconproof::cli
