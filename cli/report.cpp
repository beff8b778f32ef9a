// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/trust_options.h"
#include "formats/archive_writer.h"
#include "formats/strict_json.h"
#include "reports/model.h"
#include "reports/write_reports.h"
#include "submission/project.h"
#include "system/date.h"
#include "system/files.h"
#include "system/interrupt.h"
#include "system/terminal.h"

namespace reconproof::cli {
namespace {

namespace fs = std::filesystem;

constexpr CommandHelp kReportHelp = {
    "reconproof report [PROJECT|BUNDLE.tar] [--format html,md,pptx,pdf] [--lang en,ko] [-o NAME] "
    "[options]",
    "Writes the report of the last `reconproof check` of PROJECT, or of a bundle: scores claimed, "
    "checked and\n"
    "reproduced, images, findings, training, time and memory, what was tried, environment, hashes. "
    "What is\n"
    "missing becomes a sentence in it. Ends in 0 when it is written, whatever its verdict.\n"
    "  html  one file that needs nothing else (report.html)\n"
    "  md    Markdown as GitHub shows it, its figures in a folder beside it (report.md, "
    "report_files/)\n"
    "  pptx  slides with native tables and editable text; needs pandoc and librsvg2-bin\n"
    "  pdf   the HTML report as Chromium prints it; without Chromium print it from any browser\n"
    "Korean reports are named NAME.ko.html and so on. All files are written, or none.",
    "reconproof report\n"
    "reconproof report ~/FastMRI_challenge -o team7.html --data /root/Data/leaderboard\n"
    "reconproof report --format html,md,pptx --lang en,ko -o team7\n"
    "reconproof report --format pptx --slide-master ours.pptx\n"
    "reconproof report team7.tar --data /root/Data --reproduction kept/ -o team7.html"};

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

/// No clock enters by itself.
std::optional<std::string> stated_date(const po::variables_map& values) {
  if (values.count("date")) {
    const std::string date = values["date"].as<std::string>();
    if (!system::is_date(date)) {
      system::fail(system::Code::kInvalidArgument,
                   "report: --date '{}' is no day; expected one such as 2026-08-31",
                   system::printable(date));
    }
    return date;
  }
  return formats::source_date();
}

reports::ReportOptions report_options(const po::variables_map& values) {
  reports::ReportOptions options;
  const auto path = [&](const char* name, std::optional<fs::path>& out) {
    if (values.count(name)) out = values[name].as<std::string>();
  };
  path("data", options.data);
  path("compare", options.compare);
  path("reproduction", options.reproduction);
  if (values.count("public-key"))
    options.trust.keys = public_keys(values["public-key"].as<std::vector<std::string>>());
  options.generated = stated_date(values);
  return options;
}

/// Of the bundle that `source` is, or of the project in that folder. Whatever can be refused is
/// refused before the long work.
reports::Report load(const fs::path& source, const reports::ReportOptions& options,
                     const reports::WriteOptions& writing) {
  std::error_code ignored;
  if (fs::is_regular_file(source, ignored)) {
    reports::expect_writable(writing);
    return reports::load_bundle_report(source, options);
  }
  if (!options.trust.keys.empty()) {
    system::fail(
        system::Code::kUsage,
        "report: --public-key is for a bundle, and {} is none; signatures stand in bundles",
        source.string());
  }
  const submission::Project project = submission::load_project(source);
  for (const reports::PlannedFile& file : reports::planned_files(writing)) {
    project.expect_free(file.path);
    if (!file.figures.empty()) project.expect_free(file.figures);
  }
  reports::expect_writable(writing);
  return reports::load_report(project, options);
}

}  // namespace

system::ExitCode run_report(int argc, char** argv) {
  std::string source = ".", output, formats, languages;
  po::options_description description("Options");
  description.add_options()("project", po::value(&source),
                            "folder with reconproof.toml (default: this one), or a bundle")(
      "output,o", po::value(&output),
      "file to write, such as team7.html; or, for several formats or languages, a name without an "
      "ending (default: report)")(
      "format", po::value(&formats),
      "html, md, pptx, pdf, or several with commas (default: the ending of -o, else html)")(
      "lang", po::value(&languages)->default_value("en"), "en, ko, or several with commas")(
      "data", po::value<std::string>(),
      "leaderboard folder, or the folder that holds leaderboard/")(
      "reproduction", po::value<std::string>(),
      "what `reproduce --json` printed, or the folder of its --keep: claimed against reproduced")(
      "compare", po::value<std::string>(),
      "another run's reconstructions, CELL/*.h5: the pictures of the HTML report show both")(
      "public-key", po::value<std::vector<std::string>>()->composing(),
      "of a bundle: a key that must have signed it, a file or ed25519:...")(
      "date", po::value<std::string>(),
      "day that the report states (default: that of SOURCE_DATE_EPOCH, else none)")(
      "slide-master", po::value<std::string>(),
      "PPTX file whose master and layouts the slides take")(
      "json", "print path, size and SHA-256 of every file as JSON");
  po::positional_options_description positional;
  positional.add("project", 1);
  const auto values = parse_options(argc, argv, kReportHelp, description, positional);
  if (!values) return system::ExitCode::kPass;

  const reports::ReportOptions options = report_options(*values);
  reports::WriteOptions writing = reports::write_options(formats, languages, output);
  if (values->count("slide-master"))
    writing.slide_master = (*values)["slide-master"].as<std::string>();
  const system::InterruptWatch watch;
  const reports::Report report = load(source, options, writing);
  const std::vector<reports::WrittenFile> files = reports::write_reports(report, writing);
  if (values->count("json"))
    print_json(files, report.check.exit_code);
  else
    print_names(files);
  return system::ExitCode::kPass;
}

}  // namespace reconproof::cli
