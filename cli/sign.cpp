// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/sign.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/options.h"
#include "formats/archive_writer.h"
#include "formats/strict_json.h"
#include "system/date.h"
#include "system/error.h"
#include "system/files.h"
#include "system/interrupt.h"
#include "system/terminal.h"

namespace reconproof::cli {
namespace {

namespace fs = std::filesystem;

constexpr CommandHelp kSignHelp = {
    "reconproof sign FILE.tar|FOLDER [--role team|organiser] [-o OUT.tar | --detached FILE]",
    "Verifies a bundle and puts a signature over its id into it, or beside it (--detached). The "
    "id stays as it\n"
    "is. Each key signs once: signing again replaces its signature and leaves those of others. No "
    "clock enters;\n"
    "a date is stated where --date or SOURCE_DATE_EPOCH gives it. Whoever verifies names your "
    "public key, which\n"
    "`reconproof keygen` printed.",
    "reconproof sign team7.tar\n"
    "reconproof sign team7.tar --role organiser --note 'received in time' --date 2026-08-31\n"
    "reconproof sign team7.tar --key organiser.pem --role organiser --detached team7.dsse.json\n"
    "reconproof verify team7.tar --public-key ed25519:9Xbw..."};

struct SignOptions {
  std::string bundle, key, out, detached;
  submission::Attestation attestation;
};

void expect_date(const char* option, const std::string& date) {
  if (date.empty() || system::is_date(date)) return;
  system::fail(system::Code::kUsage, "sign: --{} '{}': expected a day such as 2026-08-31", option,
               system::printable(date));
}

void expect_sane(const SignOptions& options) {
  const submission::Attestation& attestation = options.attestation;
  if (attestation.role != "team" && attestation.role != "organiser") {
    system::fail(system::Code::kUsage, "sign: --role '{}': expected team or organiser",
                 system::printable(attestation.role));
  }
  expect_date("date", attestation.date);
  expect_date("expires", attestation.expires);
  if (!options.out.empty() && !options.detached.empty())
    system::fail(system::Code::kUsage, "sign: give -o or --detached, not both");
  if (!options.out.empty() && fs::is_directory(options.bundle)) {
    system::fail(system::Code::kUsage,
                 "sign: {} is a folder, which is signed in its place; -o is for archives",
                 options.bundle);
  }
}

/// Where the signature stands now.
std::string write_signature(const SignOptions& options, const std::string& path,
                            const std::string& text) {
  if (!options.detached.empty()) {
    system::write_file(options.detached, text);
    return options.detached;
  }
  if (fs::is_directory(options.bundle)) {
    system::write_file(fs::path(options.bundle) / path, text);
    return (fs::path(options.bundle) / path).string();
  }
  const system::InterruptWatch watch;
  // Through a link: it is the archive that is replaced.
  const fs::path out = options.out.empty() ? fs::canonical(options.bundle) : fs::path(options.out);
  submission::add_attestation(options.bundle, out, path, text);
  return path;
}

}  // namespace

system::ExitCode run_sign(int argc, char** argv) {
  SignOptions options;
  submission::Attestation& attestation = options.attestation;
  po::options_description description("Options");
  description.add_options()("bundle", po::value(&options.bundle)->required(),
                            "the bundle, or the folder it was extracted to")(
      "key", po::value(&options.key), "private key (default: that of `reconproof keygen`)")(
      "role", po::value(&attestation.role)->default_value("team"),
      "team, or organiser for a countersignature")("note", po::value(&attestation.note),
                                                   "text that is signed as well")(
      "date", po::value(&attestation.date),
      "day that is stated, such as 2026-08-31 (default: of SOURCE_DATE_EPOCH, or none)")(
      "expires", po::value(&attestation.expires), "last day on which the signature counts")(
      "output,o", po::value(&options.out), "write the signed archive here (default: in place)")(
      "detached", po::value(&options.detached),
      "write the signature alone, and leave the bundle as it is")("json",
                                                                  "print the result as JSON");
  po::positional_options_description positional;
  positional.add("bundle", 1);
  const auto values = parse_options(argc, argv, kSignHelp, description, positional);
  if (!values) return system::ExitCode::kPass;
  if (attestation.date.empty()) attestation.date = formats::source_date().value_or("");
  expect_sane(options);

  const system::SigningKey key = system::SigningKey::read(
      options.key.empty() ? system::default_signing_key() : fs::path(options.key));
  const system::PublicKey shown = key.public_key();
  const submission::BundleName name = submission::require_verified(options.bundle);
  attestation.id = name.id;
  attestation.project = name.project;
  attestation.edition = name.edition;
  const std::string written = write_signature(options, submission::attestation_path(shown),
                                              submission::sign_attestation(attestation, key));
  if (values->count("json")) {
    fmt::print("{}", formats::canonical_json({{"schema", "reconproof.sign"},
                                              {"schema_version", 1},
                                              {"id", name.id},
                                              {"role", attestation.role},
                                              {"public_key", shown.text()},
                                              {"key_id", shown.id()},
                                              {"attestation", written}}));
  } else {
    fmt::print("id {}\nsigned as {} by key {}: {}\n", name.id, attestation.role,
               shown.id().substr(0, 16), written);
  }
  return system::ExitCode::kPass;
}

}  // namespace reconproof::cli
