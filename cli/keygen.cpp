// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "formats/strict_json.h"
#include "system/ed25519.h"
#include "system/files.h"

namespace reconproof::cli {
namespace {

constexpr CommandHelp kKeygenHelp = {
    "reconproof keygen [--out FILE] [--json]",
    "Makes an Ed25519 key for signing. The private key stays in FILE, which only you may read\n"
    "(default: $XDG_CONFIG_HOME/reconproof/signing.pem); an existing one is never overwritten. "
    "The\n"
    "public key is printed: publish it where others trust it to be yours, such as the challenge's\n"
    "site. Who verifies names it with --public-key.",
    "reconproof keygen\n"
    "reconproof keygen --out /media/stick/organiser.pem\n"
    "openssl pkey -in ~/.config/reconproof/signing.pem -pubout"};

}  // namespace

system::ExitCode run_keygen(int argc, char** argv) {
  std::string out;
  po::options_description description("Options");
  description.add_options()("out", po::value(&out), "file of the private key")(
      "json", "print the result as JSON");
  const auto values = parse_options(argc, argv, kKeygenHelp, description);
  if (!values) return system::ExitCode::kPass;
  const std::filesystem::path file =
      out.empty() ? system::default_signing_key() : std::filesystem::path(out);
  if (file.has_parent_path()) system::make_folders(file.parent_path());
  const system::SigningKey key = system::SigningKey::generate();
  key.save(file);
  const system::PublicKey shown = key.public_key();
  if (values->count("json")) {
    fmt::print("{}", formats::canonical_json({{"schema", "reconproof.key"},
                                              {"schema_version", 1},
                                              {"private_key_file", file.string()},
                                              {"public_key", shown.text()},
                                              {"key_id", shown.id()}}));
  } else {
    fmt::print("private key  {}\npublic key   {}\nid           {}\n", file.string(), shown.text(),
               shown.id());
  }
  return system::ExitCode::kPass;
}

}  // namespace reconproof::cli
