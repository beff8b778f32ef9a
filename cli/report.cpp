// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "formats/strict_json.h"
#include "reports/html.h"
#include "reports/model.h"
#include "submission/project.h"
#include "system/files.h"
#include "system/sha256.h"

namespace reconproof::cli {
namespace {

constexpr CommandHelp kReportHelp = {
    "reconproof report [PROJECT] [-o report.html] [--data DIR] [--lang en]",
    "Writes the report of the last `reconproof check` of PROJECT as one HTML file that needs "
    "nothing else: scores,\n"
    "images, findings, training, time and memory, environment, hashes. Ends in 0 when it is "
    "written, whatever\n"
    "its verdict; what is missing becomes a sentence in it.",
    "reconproof report\n"
    "reconproof report ~/FastMRI_challenge -o team7.html --data /root/Data/leaderboard"};

void print_result(const std::string& output, const std::string& html, int check_exit_code,
                  bool as_json) {
  if (!as_json) {
    fmt::print("{}\n", output);
    return;
  }
  const nlohmann::json result = {{"schema", "reconproof.report"},
                                 {"schema_version", 1},
                                 {"path", output},
                                 {"size_bytes", html.size()},
                                 {"sha256", system::sha256_hex(html)},
                                 {"check_exit_code", check_exit_code}};
  fmt::print("{}", formats::canonical_json(result));
}

}  // namespace

system::ExitCode run_report(int argc, char** argv) {
  std::string project_folder = ".", output, language;
  po::options_description description("Options");
  description.add_options()("project", po::value(&project_folder),
                            "folder with reconproof.toml (default: this one)")(
      "output,o", po::value(&output)->default_value("report.html"), "file to write")(
      "data", po::value<std::string>(),
      "leaderboard folder, or the folder that holds leaderboard/")(
      "lang", po::value(&language)->default_value("en"), "language of the report")(
      "json", "print path, size and SHA-256 of the report as JSON");
  po::positional_options_description positional;
  positional.add("project", 1);
  const auto values = parse_options(argc, argv, kReportHelp, description, positional);
  if (!values) return system::ExitCode::kPass;

  reports::ReportOptions options;
  if (values->count("data")) options.data = (*values)["data"].as<std::string>();
  const reports::Texts texts(language);
  const submission::Project project = submission::load_project(project_folder);
  project.expect_free(output);
  const reports::Report report = reports::load_report(project, options);
  const std::string html = reports::render_html(reports::make_document(report, texts), texts);
  system::write_file(output, html);
  print_result(output, html, report.check.exit_code, values->count("json") > 0);
  return system::ExitCode::kPass;
}

}  // namespace reconproof::cli
