// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "challenge/edition.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "formats/strict_json.h"
#include "submission/bundle/sign.h"
#include "submission/waiver.h"
#include "system/date.h"
#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"
#include "system/terminal.h"

namespace reconproof::cli {
namespace {

constexpr CommandHelp kWaiveHelp = {
    "reconproof waive --rule ID SCOPE --reason TEXT --expires DAY -o FILE [--key KEY]",
    "Writes a waiver: a signed file by which an organiser lets broken rules pass for one "
    "submission. SCOPE is\n"
    "--bundle FILE.tar or --id ID (these very bytes), or --project NAME --edition E (whatever this "
    "team hands\n"
    "in). It counts where `check --waiver FILE --public-key KEY` names it and the key; one that "
    "comes with a\n"
    "submission does not.",
    "reconproof waive --rule time.total --bundle team7.tar --reason 'power failure in run 1' \\\n"
    "  --expires 2026-09-01 -o team7.waiver.json\n"
    "reconproof waive --rule layout.float32 --project team7 --edition snu-2025 \\\n"
    "  --reason 'agreed on 3 August' --expires 2026-09-01 -o team7.waiver.json\n"
    "reconproof check team7 --waiver team7.waiver.json --public-key organiser.pub"};

void set_scope(const po::variables_map& values, submission::Waiver& waiver) {
  const bool project = values.count("project") && values.count("edition");
  const bool half = values.count("project") != values.count("edition");
  if (half || values.count("bundle") + values.count("id") + project != 1) {
    system::fail(system::Code::kUsage,
                 "waive: give one of --bundle FILE, --id ID, and --project NAME --edition E");
  }
  if (values.count("bundle")) {
    waiver.bundle = submission::require_verified(values["bundle"].as<std::string>()).id;
  } else if (values.count("id")) {
    waiver.bundle = values["id"].as<std::string>();
    if (!system::is_sha256(waiver.bundle)) {
      system::fail(system::Code::kUsage,
                   "waive: --id: expected 64 lower-case hexadecimal digits, as `reconproof verify` "
                   "prints them");
    }
  } else {
    waiver.project = values["project"].as<std::string>();
    waiver.edition = values["edition"].as<std::string>();
  }
}

/// Rules may be of a rule file that this program does not carry, so that an unknown one is no
/// fault.
void warn_of_unknown(const submission::Waiver& waiver) {
  for (const std::string& rule : waiver.rules) {
    const auto has_rule = [&](const std::string& id) {
      return (waiver.edition.empty() || waiver.edition == id) &&
             challenge::find_edition(id).find_rule(rule);
    };
    if (std::ranges::none_of(challenge::edition_ids(), has_rule)) {
      fmt::print(stderr, "warning: no rule '{}' here{}; `reconproof rules list` tells them\n",
                 system::printable(rule),
                 waiver.edition.empty() ? "" : " in " + system::printable(waiver.edition));
    }
  }
  if (waiver.expires < system::today())
    fmt::print(stderr, "warning: expired after {}: without effect\n", waiver.expires);
}

}  // namespace

system::ExitCode run_waive(int argc, char** argv) {
  submission::Waiver waiver;
  std::string out, key_file;
  po::options_description description("Options");
  description.add_options()("rule", po::value(&waiver.rules)->composing()->required(),
                            "rule that may be broken; may be given again")(
      "bundle", po::value<std::string>(), "scope: this bundle, which must verify")(
      "id", po::value<std::string>(), "scope: the bundle with this id")(
      "project", po::value<std::string>(), "scope: every check of this project, by its name")(
      "edition", po::value<std::string>(), "and of this edition")(
      "reason", po::value(&waiver.reason)->required(), "why; shown with the finding")(
      "expires", po::value(&waiver.expires)->required(),
      "last day on which it counts, such as 2026-09-01 (UTC)")(
      "output,o", po::value(&out)->required(), "the waiver")(
      "key", po::value(&key_file), "private key (default: that of `reconproof keygen`)")(
      "json", "print the result as JSON");
  const auto values = parse_options(argc, argv, kWaiveHelp, description);
  if (!values) return system::ExitCode::kPass;
  if (!system::is_date(waiver.expires)) {
    system::fail(system::Code::kUsage, "waive: --expires '{}': expected a day such as 2026-09-01",
                 system::printable(waiver.expires));
  }
  if (waiver.reason.empty())
    system::fail(system::Code::kUsage, "waive: --reason is empty; say why the rule may be broken");
  set_scope(*values, waiver);

  const system::SigningKey key = system::SigningKey::read(
      key_file.empty() ? system::default_signing_key() : std::filesystem::path(key_file));
  warn_of_unknown(waiver);
  system::write_file(out, submission::sign_waiver(waiver, key));
  const system::PublicKey shown = key.public_key();
  if (values->count("json")) {
    fmt::print("{}", formats::canonical_json({{"schema", "reconproof.waive"},
                                              {"schema_version", 1},
                                              {"waiver", out},
                                              {"public_key", shown.text()},
                                              {"key_id", shown.id()}}));
  } else {
    fmt::print("{}: signed by key {}\n", out, shown.id().substr(0, 16));
  }
  return system::ExitCode::kPass;
}

}  // namespace reconproof::cli
