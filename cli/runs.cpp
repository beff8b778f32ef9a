// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// reconproof runs ...: the history of a project.
#include "cli/runs.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "cli/options.h"
#include "formats/strict_json.h"
#include "submission/runs/circumstances.h"
#include "submission/runs/run_json.h"
#include "submission/runs/run_log.h"
#include "system/date.h"
#include "system/files.h"
#include "system/terminal.h"
#include "workflows/record/runs_text.h"

namespace reconproof::cli {

namespace fs = std::filesystem;
using submission::History;
using submission::Run;
using system::Code;
using system::ExitCode;
using system::fail;

namespace {

constexpr const char* kRunsUsage =
    "Usage: reconproof runs <list|show|diff|plot|note|export|import|merge> [options]\n\n"
    "  list              what was run here, newest first: outcome, time, best loss, lesson\n"
    "  show ID           all that is known of a run; --log, --diff\n"
    "  diff A B          how two runs differ, and where their curves part\n"
    "  plot [ID...]      their curves as SVG\n"
    "  note ID TEXT      what you think of it; --lesson, --tag, --abandoned\n"
    "  export [FILE]     as lines of JSON, for git and for teammates\n"
    "  import FILE...    val_loss_log.npy, official logs, CSV of W&B, event files of TensorBoard\n"
    "  merge FILE        a teammate's export: nothing of either is lost\n\n"
    "An ID is the first 4 digits or more, or `last`. Runs are recorded by `reconproof run -- "
    "COMMAND`.\n"
    "`reconproof runs <command> --help` shows options and examples.\n";

constexpr CommandHelp kRunsListHelp = {
    "reconproof runs list [options]",
    "What was run here, newest first, with the last lesson of each.",
    "reconproof runs list\n"
    "reconproof runs list --outcome failed --outcome killed --since 2026-08-01 --limit 0\n"
    "reconproof runs list --kind train --json"};

constexpr CommandHelp kRunsShowHelp = {
    "reconproof runs show ID [options]",
    "All that is known of a run. Of one that is under way: when it will end.",
    "reconproof runs show last\nreconproof runs show 3f2a --log | tail\n"
    "reconproof runs show 3f2a --diff | git apply"};

constexpr CommandHelp kRunsDiffHelp = {"reconproof runs diff A B [--json]",
                                       "How two runs differ: command, code, environment, seeds, "
                                       "results; and the first line of the log "
                                       "where\n"
                                       "their losses do.",
                                       "reconproof runs diff 3f2a 91bc"};

constexpr CommandHelp kRunsPlotHelp = {
    "reconproof runs plot [ID...] [-o FILE.svg]",
    "Curves of runs (of the last one) as SVG, on standard output or in FILE.",
    "reconproof runs plot -o last.svg\nreconproof runs plot 3f2a 91bc -o both.svg"};

ExitCode list_runs(int argc, char** argv) {
  std::string project, since;
  submission::RunFilter filter;
  po::options_description description("Options");
  add_project_option(description, project);
  description.add_options()(
      "kind", po::value(&filter.kinds)->composing(),
      "only runs of this kind: run, train, reconstruct, score, check, pack, ...")(
      "outcome", po::value(&filter.outcomes)->composing(),
      "only such: running, succeeded, failed, killed, abandoned")(
      "since", po::value(&since), "begun on this day (UTC), or at this moment, or later")(
      "limit", po::value(&filter.limit)->default_value(30), "so many at most; 0: all")(
      "json", "print the result as JSON (docs/formats/runs.md)");
  const auto values = parse_options(argc, argv, kRunsListHelp, description);
  if (!values) return ExitCode::kPass;
  for (const std::string& outcome : filter.outcomes) {
    if (!submission::outcome_from_text(outcome))
      fail(Code::kUsage,
           "runs list: --outcome {}: expected running, succeeded, failed, killed or abandoned",
           system::printable(outcome));
  }
  if (filter.limit < 0)
    fail(Code::kUsage, "runs list: --limit {}: expected 0 or more", filter.limit);
  if (!since.empty()) {
    filter.since_us = system::parse_moment(system::is_date(since) ? since + "T00:00Z" : since);
    if (!filter.since_us)
      fail(Code::kUsage,
           "runs list: --since {}: expected a day, 2026-08-20, or a moment with its offset, "
           "2026-08-20T18:00+09:00",
           system::printable(since));
  }
  const auto history = open_history(project);
  const std::vector<Run> runs = history->list(filter);
  const int64_t total = history->count(filter);
  if (values->count("json")) {
    nlohmann::json result = {{"schema", "reconproof.runs"},
                             {"schema_version", 1},
                             {"history", History::file_below(history->root()).string()},
                             {"total", total},
                             {"runs", nlohmann::json::array()}};
    for (const Run& run : runs) result["runs"].push_back(workflows::summary_json(run));
    fmt::print("{}", formats::canonical_json(result));
    return ExitCode::kPass;
  }
  winsize size{};
  const bool terminal = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  fmt::print("{}", workflows::runs_table(runs, terminal ? size.ws_col : 160));
  if (total > std::ssize(runs))
    fmt::print("and {} more: --limit 0 shows all\n", total - std::ssize(runs));
  return ExitCode::kPass;
}

/// As it was printed; made safe where it goes to a terminal.
void print_log(const History& history, const std::string& id) {
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  submission::read_log(history.log_file(id), [&](std::string_view bytes) {
    if (!terminal) {
      std::fwrite(bytes.data(), 1, bytes.size(), stdout);
      return;
    }
    while (!bytes.empty()) {
      const size_t end = std::min(bytes.find('\n'), bytes.size());
      std::string_view line = bytes.substr(0, end);
      if (line.ends_with('\r')) line.remove_suffix(1);
      fmt::print("{}{}", system::printable(line), end < bytes.size() ? "\n" : "");
      bytes.remove_prefix(std::min(end + 1, bytes.size()));
    }
  });
}

/// The lines that its log has got since points were last written.
void add_latest(const History& history, Run& run) {
  for (submission::CurvePoint& point :
       submission::recover_log(history.log_file(run.id), run.points).points) {
    take_point(run, point);
    run.points.push_back(std::move(point));
  }
}

ExitCode show_run(int argc, char** argv) {
  std::string project, beginning;
  po::options_description description("Options");
  add_project_option(description, project);
  description.add_options()("id", po::value(&beginning)->required(),
                            "first digits of its id, or last")("log", "what it printed")(
      "diff", "how its code differed from the revision")(
      "json", "print the whole run as one line of JSON (docs/formats/runs.md)");
  po::positional_options_description positional;
  positional.add("id", 1);
  const auto values = parse_options(argc, argv, kRunsShowHelp, description, positional);
  if (!values) return ExitCode::kPass;
  if (values->count("log") + values->count("diff") + values->count("json") > 1)
    fail(Code::kUsage, "runs show: --log, --diff and --json exclude each other");
  const auto history = open_history(project);
  const std::string id = history->find(beginning);
  if (values->count("log")) {
    print_log(*history, id);
    return ExitCode::kPass;
  }
  Run run = history->load(id);
  const std::optional<bool> lives = history->lives(id);
  if (run.outcome == submission::Outcome::kRunning && lives.value_or(false))
    add_latest(*history, run);
  if (values->count("diff")) {
    const std::string diff =
        run.diff_zlib.empty() ? "" : submission::inflate_text(run.diff_zlib, run.diff_bytes, id);
    std::fwrite(diff.data(), 1, diff.size(), stdout);
  } else if (values->count("json")) {
    fmt::print("{}\n", submission::run_line(run));
  } else {
    fmt::print("{}", workflows::run_text(run, lives));
  }
  return ExitCode::kPass;
}

ExitCode diff_runs(int argc, char** argv) {
  std::string project, a, b;
  po::options_description description("Options");
  add_project_option(description, project);
  description.add_options()("a", po::value(&a)->required(), "a run")(
      "b", po::value(&b)->required(), "another one")("json", "print the result as JSON");
  po::positional_options_description positional;
  positional.add("a", 1).add("b", 1);
  const auto values = parse_options(argc, argv, kRunsDiffHelp, description, positional);
  if (!values) return ExitCode::kPass;
  const auto history = open_history(project);
  const Run left = history->load(history->find(a)), right = history->load(history->find(b));
  if (values->count("json"))
    fmt::print("{}", formats::canonical_json(workflows::runs_difference_json(left, right)));
  else
    fmt::print("{}", workflows::runs_difference(left, right));
  return ExitCode::kPass;
}

ExitCode plot_runs(int argc, char** argv) {
  std::string project, output;
  std::vector<std::string> beginnings;
  po::options_description description("Options");
  add_project_option(description, project);
  description.add_options()("id", po::value(&beginnings), "runs; without: the last one")(
      "output,o", po::value(&output), "file to write");
  po::positional_options_description positional;
  positional.add("id", -1);
  const auto values = parse_options(argc, argv, kRunsPlotHelp, description, positional);
  if (!values) return ExitCode::kPass;
  if (beginnings.empty()) beginnings = {"last"};
  if (beginnings.size() > workflows::kMostPlotted)
    fail(Code::kUsage, "runs plot: {} runs, expected {} at most", beginnings.size(),
         workflows::kMostPlotted);
  const auto history = open_history(project);
  std::vector<Run> runs;
  for (const std::string& beginning : beginnings)
    runs.push_back(history->load(history->find(beginning)));
  const std::string svg = workflows::runs_svg(runs);
  if (output.empty())
    fmt::print("{}", svg);
  else
    system::write_file(output, svg);
  return ExitCode::kPass;
}

}  // namespace

void add_project_option(po::options_description& description, std::string& project) {
  description.add_options()("project", po::value(&project),
                            "folder whose history it is (default: that of `reconproof run`)");
}

std::unique_ptr<History> open_history(const std::string& project) {
  const fs::path root = project.empty() ? submission::history_root(".") : fs::path(project);
  std::unique_ptr<History> history;
  try {
    history = std::make_unique<History>(root, History::Mode::kWrite);
    history->settle();
  } catch (const system::Error& error) {
    if (error.code() != Code::kIo) throw;
    history = std::make_unique<History>(root, History::Mode::kRead);  // it may be looked at
  }
  return history;
}

ExitCode run_runs(int argc, char** argv) {
  struct Subcommand {
    std::string_view name;
    ExitCode (*run)(int, char**);
  };
  constexpr Subcommand kSubcommands[] = {
      {"list", list_runs},         {"show", show_run},        {"diff", diff_runs},
      {"plot", plot_runs},         {"note", run_runs_note},   {"export", run_runs_export},
      {"import", run_runs_import}, {"merge", run_runs_merge},
  };
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "--help" || command == "-h") {
    fmt::print("{}", kRunsUsage);
    return ExitCode::kPass;
  }
  // The subcommand's parser names itself by its argv[0].
  std::string name = "runs " + std::string(command);
  std::vector<char*> arguments(argv + 1, argv + argc);
  if (!arguments.empty()) arguments[0] = name.data();
  arguments.push_back(nullptr);
  for (const Subcommand& subcommand : kSubcommands) {
    if (subcommand.name == command) return subcommand.run(argc - 1, arguments.data());
  }
  fail(Code::kUsage,
       "runs: {}; expected list, show, diff, plot, note, export, import or merge, see `reconproof "
       "runs --help`",
       command.empty() ? "no subcommand"
                       : fmt::format("unknown subcommand '{}'", system::printable(command)));
}

}  // namespace reconproof::cli
