// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/run_lesson.h"
#include "submission/runs/circumstances.h"
#include "submission/runs/history.h"
#include "system/date.h"
#include "system/files.h"
#include "system/sha256.h"
#include "system/terminal.h"
#include "workflows/record/recorded_run.h"

namespace reconproof::cli {
namespace {

using system::Code;
using system::fail;

constexpr CommandHelp kRunHelp = {
    "reconproof run [options] -- COMMAND...",
    "Runs any command and records it: its log, exit, code revision and diff, environment, seeds, "
    "peak\n"
    "memory and curves. What it prints passes through untouched, and its exit code is ours (128 + "
    "n "
    "where\n"
    "signal n ended it). Lines of the official trainer tell when it will end; a warning comes when "
    "the\n"
    "deadline is at risk, or the loss is NaN or stalls. The history lies in the folder of the "
    "nearest\n"
    "reconproof.toml, else of the git repository, in .reconproof/runs.sqlite: see `reconproof "
    "runs`.",
    "reconproof run -- sh train.sh\n"
    "reconproof run --note 'chans 12, lr 5e-4' --deadline 2026-08-20T18:00+09:00 -- python "
    "train.py\n"
    "reconproof run -- sh train.sh >train.log 2>&1"};

int64_t parse_deadline(const std::string& text) {
  const auto moment = system::parse_moment(text);
  if (!moment) {
    fail(Code::kUsage,
         "run: --deadline {}: expected a moment with its offset from UTC, such as "
         "2026-08-20T18:00+09:00",
         system::printable(text));
  }
  return *moment;
}

}  // namespace

void ask_for_lesson(const std::filesystem::path& root, const std::string& id) {
  const bool can_answer = ::isatty(0) == 1 && ::isatty(2) == 1 && ::tcgetpgrp(0) == ::getpgrp();
  std::string lesson;
  if (can_answer) {
    fmt::print(stderr, "reconproof: what did this run teach? One line, or Enter for later: ");
    std::getline(std::cin, lesson);
    lesson.erase(0, lesson.find_first_not_of(" \t"));
  }
  if (lesson.empty()) {
    fmt::print(stderr,
               "reconproof: run {} is kept; what did it teach? reconproof runs note {} "
               "--lesson \"...\"\n",
               submission::short_id(id), submission::short_id(id));
    return;
  }
  submission::History(root, submission::History::Mode::kWrite)
      .add_note(id, {submission::random_id(), "lesson", submission::utf8_text(lesson),
                     submission::author_here(), system::now_us()});
}

system::ExitCode run_run(int argc, char** argv) {
  workflows::RecordedRunOptions options;
  std::string project, data_manifest;
  po::options_description description("Options");
  description.add_options()("note", po::value(&options.note), "what is tried here, in a sentence")(
      "deadline", po::value<std::string>(),
      "when the result has to be there: a moment with its offset from UTC")(
      "data-manifest", po::value(&data_manifest), "file whose SHA-256 is kept: which data it were")(
      "project", po::value(&project), "folder whose history it goes to");
  // What follows the two dashes is not ours.
  const int ours =
      static_cast<int>(std::find(argv + 1, argv + argc, std::string_view("--")) - argv);
  if (argc > 1 && argv[1][0] != '-')
    fail(Code::kUsage,
         "run: two dashes are missing before the command; expected `reconproof run -- {} ...`",
         system::printable(argv[1]));
  const auto values = parse_options(ours, argv, kRunHelp, description);
  if (!values) return system::ExitCode::kPass;
  if (ours + 1 >= argc)
    fail(Code::kUsage, "run: no command; expected `reconproof run [options] -- COMMAND...`");
  options.command.assign(argv + ours + 1, argv + argc);
  if (values->count("deadline"))
    options.deadline_us = parse_deadline((*values)["deadline"].as<std::string>());
  if (!data_manifest.empty()) options.data_manifest_sha256 = system::sha256_file(data_manifest);
  if (!project.empty() && !system::is_folder(project))
    fail(Code::kNotFound, "run: --project {}: there is no such folder", system::printable(project));
  options.root =
      project.empty() ? submission::history_root(".") : std::filesystem::canonical(project);

  const workflows::RecordedRunResult result = workflows::recorded_run(options);
  if (!result.start_error.empty())
    fmt::print(stderr, "reconproof: {}\n", system::printable(result.start_error));
  if (result.asks_for_lesson) ask_for_lesson(*options.root, result.id);
  return static_cast<system::ExitCode>(result.exit_code);
}

}  // namespace reconproof::cli
