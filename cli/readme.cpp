// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <filesystem>

#include "cli/commands.h"
#include "cli/options.h"
#include "formats/strict_json.h"
#include "reports/readme_section.h"
#include "submission/bundle/git.h"
#include "submission/project.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::cli {
namespace {

namespace fs = std::filesystem;

constexpr CommandHelp kReadmeHelp = {
    "reconproof readme [PROJECT] [--lang en|ko] [-o FILE]",
    "Writes the section of a README that organisers ask for: environment, commands, when and by "
    "how\n"
    "much losses diverge, score items, hashes, what to run if something differs. From recorded\n"
    "evidence only (rehearse, check, run): what was not measured is left out, and stderr says "
    "which\n"
    "command measures it. A FILE that is there keeps its text: the section is replaced, or added "
    "at\n"
    "its end.",
    "reconproof readme\n"
    "reconproof readme --lang ko -o README.md\n"
    "reconproof readme --json | jq .notes"};

/// A record of another commit than the one that is there now says less.
void note_other_commit(const submission::Project& project, const nlohmann::json& rehearse,
                       std::vector<std::string>& notes) {
  const std::string rehearsed = rehearse.is_object() ? rehearse.value("commit", "") : "";
  const auto state = submission::git_state(project.root);
  if (rehearsed.empty() || !state || state->commit == rehearsed) return;
  notes.push_back(fmt::format("the rehearsal was of commit {}, HEAD is {}: rehearse again",
                              system::printable(rehearsed.substr(0, 12)),
                              state->commit.substr(0, 12)));
}

}  // namespace

system::ExitCode run_readme(int argc, char** argv) {
  std::string folder = ".", output, language;
  po::options_description description("Options");
  description.add_options()("project", po::value(&folder),
                            "folder with reconproof.toml (default: this one)")(
      "lang", po::value(&language)->default_value("en"), "language of the section: en, ko")(
      "output,o", po::value(&output), "file to write it into (default: print it)")(
      "json", "print text and notes as JSON");
  po::positional_options_description positional;
  positional.add("project", 1);
  const auto values = parse_options(argc, argv, kReadmeHelp, description, positional);
  if (!values) return system::ExitCode::kPass;
  const submission::Project project = submission::load_project(folder);
  const reports::ReadmeEvidence evidence = reports::load_readme_evidence(project);
  reports::ReadmeSection section = reports::readme_section(evidence, language);
  note_other_commit(project, evidence.rehearse, section.notes);
  if (!output.empty()) {
    project.expect_free(output);
    const std::string before = fs::exists(output) ? system::read_file(output) : "";
    system::write_file(output, reports::with_section(before, section.text));
  }
  for (const std::string& note : section.notes) fmt::print(stderr, "note: {}\n", note);
  if (values->count("json")) {
    fmt::print("{}", formats::canonical_json({{"schema", "reconproof.readme"},
                                              {"schema_version", 1},
                                              {"language", language},
                                              {"path", output},
                                              {"text", section.text},
                                              {"notes", section.notes}}));
  } else {
    fmt::print("{}", output.empty() ? section.text : output + "\n");
  }
  return system::ExitCode::kPass;
}

}  // namespace reconproof::cli
