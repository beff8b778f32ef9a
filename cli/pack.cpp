// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/pack.h"

#include <fmt/core.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/options.h"
#include "formats/strict_json.h"
#include "submission/bundle/official_layout.h"
#include "system/error.h"
#include "system/interrupt.h"
#include "system/terminal.h"
#include "workflows/record/recorded_run.h"

namespace reconproof::cli {
namespace {

constexpr CommandHelp kPackHelp = {
    "reconproof pack [PROJECT] -o FILE.tar [--unchecked] [--layout official] [--json]",
    "Writes the bundle that is handed in: weights, reconstructions, code, logs and the findings of "
    "the last\n"
    "`reconproof check`, with the SHA-256 of each file, as one tar file. The same inputs give the "
    "same bytes.\n"
    "In a git repository only tracked files are packed as code. What the organisers ask for and "
    "the "
    "bundle lacks is\n"
    "told. With `--layout official` only what they ask for is written, as their scripts lay it "
    "out: "
    "the repository\n"
    "and beside it weights, loss record, slides; a folder, or a zip file.",
    "reconproof pack -o team7.tar\n"
    "reconproof pack ~/FastMRI_challenge -o team7.tar && reconproof verify team7.tar\n"
    "reconproof pack -o draft.tar --unchecked\n"
    "reconproof pack --layout official -o team7.zip"};

submission::PackResult pack_with_progress(const submission::Project& project,
                                          const std::string& out, bool unchecked) {
  constexpr int64_t kMiB = int64_t{1} << 20;
  std::unique_ptr<system::Progress> progress;
  int64_t written = 0, shown = 0;
  submission::PackOptions options;
  options.unchecked = unchecked;
  options.on_begin = [&](int64_t bytes) {
    progress = std::make_unique<system::Progress>("packing, MiB", bytes / kMiB);
  };
  options.on_bytes = [&](int64_t bytes) {
    system::InterruptWatch::throw_if_interrupted();
    written += bytes;
    progress->advance(written / kMiB - shown);
    shown = written / kMiB;
  };
  const system::InterruptWatch watch;
  return submission::pack(project, out, options);
}

void print_pack_result(const submission::PackResult& result, const std::string& out, bool as_json) {
  for (const std::string& warning : result.warnings) fmt::print(stderr, "warning: {}\n", warning);
  if (as_json) {
    const nlohmann::json json = {
        {"schema", "reconproof.pack"},
        {"schema_version", 1},
        {"id", result.id.empty() ? nlohmann::json() : nlohmann::json(result.id)},
        {"files", result.files},
        {"bytes", result.bytes},
        {"warnings", result.warnings}};
    fmt::print("{}", formats::canonical_json(json));
  } else {
    fmt::print("{}: {} files, {} bytes\n", out, result.files, result.bytes);
    if (!result.id.empty()) fmt::print("id {}\n", result.id);
  }
}

}  // namespace

system::ExitCode run_pack(int argc, char** argv) {
  std::string folder, out, layout;
  po::options_description description("Options");
  description.add_options()("project", po::value(&folder)->default_value("."),
                            "folder with reconproof.toml")("output,o", po::value(&out)->required(),
                                                           "the bundle to write")(
      "unchecked", "pack without a `reconproof check`; the bundle says so")(
      "layout", po::value(&layout)->default_value("bundle"),
      "bundle; or official: what organisers ask for")(
      "json", "print the result as JSON (docs/formats/bundle.md)");
  po::positional_options_description positional;
  positional.add("project", 1);
  const auto values = parse_options(argc, argv, kPackHelp, description, positional);
  if (!values) return system::ExitCode::kPass;

  const submission::Project project = submission::load_project(folder);
  if (layout != "bundle" && layout != "official")
    system::fail(system::Code::kUsage, "pack: --layout {}: expected bundle or official", layout);
  return workflows::recorded_command("pack", argc, argv, project.root, [&](submission::Run&) {
    print_pack_result(layout == "official"
                          ? submission::pack_official(project, out)
                          : pack_with_progress(project, out, values->count("unchecked") > 0),
                      out, values->count("json") > 0);
    return system::ExitCode::kPass;
  });
}

}  // namespace reconproof::cli
