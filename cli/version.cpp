// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "formats/strict_json.h"
#include "system/build_info.h"
#include "system/host.h"
#include "workflows/provenance.h"

namespace reconproof::cli {

system::ExitCode run_version(int argc, char** argv) {
  po::options_description description("Options");
  description.add_options()("json", "everything, as JSON");
  const auto values = parse_options(argc, argv,
                                    {"reconproof version [--json]", "Says which program this is.",
                                     "reconproof version --json | jq .revision"},
                                    description);
  if (!values) return system::ExitCode::kPass;
  const system::BuildInfo& build = system::build_info();
  if (!values->count("json")) {
    fmt::print("reconproof {} ({}{})\n", build.version, build.revision.substr(0, 12),
               build.dirty ? ", modified" : "");
    return system::ExitCode::kPass;
  }
  nlohmann::json json = workflows::build_json();
  const system::HostInfo host = system::host_info();
  json["schema"] = "reconproof.version";
  json["schema_version"] = 1;
  json["cpu"] = host.cpu;
  json["threads"] = host.cores;
  fmt::print("{}", formats::canonical_json(json));
  return system::ExitCode::kPass;
}

}  // namespace reconproof::cli
