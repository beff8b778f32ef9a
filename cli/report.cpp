// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "formats/strict_json.h"
#include "reports/model.h"
#include "reports/write_reports.h"
#include "submission/project.h"

namespace reconproof::cli {
namespace {

constexpr CommandHelp kReportHelp = {
    "reconproof report [PROJECT] [--format html,md,pptx,pdf] [--lang en,ko] [-o NAME] [--data DIR] "
    "[--compare DIR]",
    "Writes the report of the last `reconproof check` of PROJECT: scores, images, findings, "
    "training, time and\n"
    "memory, environment, hashes. What is missing becomes a sentence in it. Ends in 0 when it is "
    "written,\n"
    "whatever its verdict.\n"
    "  html  one file that needs nothing else (report.html)\n"
    "  md    Markdown as GitHub shows it, its figures in a folder beside it (report.md, "
    "report_files/)\n"
    "  pptx  slides with native tables and editable text; needs pandoc and librsvg2-bin\n"
    "  pdf   the HTML report as Chromium prints it; without Chromium print it from any browser\n"
    "Korean reports are named NAME.ko.html and so on. All files are written, or none.",
    "reconproof report\n"
    "reconproof report ~/FastMRI_challenge -o team7.html --data /root/Data/leaderboard\n"
    "reconproof report --format html,md,pptx --lang en,ko -o team7\n"
    "reconproof report --format pptx --slide-master ours.pptx"};

void print_json(const std::vector<reports::WrittenFile>& files, int check_exit_code) {
  nlohmann::json list = nlohmann::json::array();
  for (const reports::WrittenFile& file : files) {
    list.push_back({{"path", file.path.string()},
                    {"format", file.format},
                    {"language", file.language},
                    {"size_bytes", file.size_bytes},
                    {"sha256", file.sha256}});
  }
  const reports::WrittenFile& first = files.front();
  fmt::print("{}", formats::canonical_json({{"schema", "reconproof.report"},
                                            {"schema_version", 1},
                                            {"path", first.path.string()},
                                            {"size_bytes", first.size_bytes},
                                            {"sha256", first.sha256},
                                            {"files", list},
                                            {"check_exit_code", check_exit_code}}));
}

void print_names(const std::vector<reports::WrittenFile>& files) {
  for (const reports::WrittenFile& file : files)
    if (file.format != "figure") fmt::print("{}\n", file.path.string());
}

}  // namespace

system::ExitCode run_report(int argc, char** argv) {
  std::string project_folder = ".", output, formats, languages;
  po::options_description description("Options");
  description.add_options()("project", po::value(&project_folder),
                            "folder with reconproof.toml (default: this one)")(
      "output,o", po::value(&output),
      "file to write, such as team7.html; or, for several formats or languages, a name without an "
      "ending (default: report)")(
      "format", po::value(&formats),
      "html, md, pptx, pdf, or several with commas (default: the ending of -o, else html)")(
      "lang", po::value(&languages)->default_value("en"), "en, ko, or several with commas")(
      "data", po::value<std::string>(),
      "leaderboard folder, or the folder that holds leaderboard/")(
      "compare", po::value<std::string>(),
      "another run's reconstructions, CELL/*.h5: the pictures of the HTML report show both")(
      "slide-master", po::value<std::string>(),
      "PPTX file whose master and layouts the slides take")(
      "json", "print path, size and SHA-256 of every file as JSON");
  po::positional_options_description positional;
  positional.add("project", 1);
  const auto values = parse_options(argc, argv, kReportHelp, description, positional);
  if (!values) return system::ExitCode::kPass;

  reports::ReportOptions options;
  if (values->count("data")) options.data = (*values)["data"].as<std::string>();
  if (values->count("compare")) options.compare = (*values)["compare"].as<std::string>();
  reports::WriteOptions writing = reports::write_options(formats, languages, output);
  if (values->count("slide-master"))
    writing.slide_master = (*values)["slide-master"].as<std::string>();
  const submission::Project project = submission::load_project(project_folder);
  for (const reports::PlannedFile& file : reports::planned_files(writing)) {
    project.expect_free(file.path);
    if (!file.figures.empty()) project.expect_free(file.figures);
  }
  reports::expect_writable(writing);
  const reports::Report report = reports::load_report(project, options);
  const std::vector<reports::WrittenFile> files = reports::write_reports(report, writing);
  if (values->count("json"))
    print_json(files, report.check.exit_code);
  else
    print_names(files);
  return system::ExitCode::kPass;
}

}  // namespace reconproof::cli
