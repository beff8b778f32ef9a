// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "cli/run_lesson.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"
#include "workflows/record/recorded_run.h"

namespace reconproof::cli {

system::ExitCode run_baseline(int argc, char** argv) {
  const std::string program =
      (system::self_executable().parent_path() / "reconproof-baseline").string();
  const bool asks_for_help = std::any_of(argv, argv + argc, [](const char* word) {
    return std::string_view(word) == "--help" || std::string_view(word) == "-h";
  });
  const auto project = submission::recorded_project(".");
  if (project && !asks_for_help && ::access(program.c_str(), X_OK) == 0) {
    workflows::RecordedRunOptions options;
    options.kind = argv[0];
    options.command = {program};
    options.command.insert(options.command.end(), argv, argv + argc);
    options.shown_as = {"reconproof"};
    options.shown_as.insert(options.shown_as.end(), argv, argv + argc);
    options.root = project;
    const workflows::RecordedRunResult result = workflows::recorded_run(options);
    if (!result.start_error.empty())
      system::fail(system::Code::kNotFound, "{}", result.start_error);
    // A mistyped option teaches nothing.
    const auto code = static_cast<system::ExitCode>(result.exit_code);
    if (result.asks_for_lesson && code != system::ExitCode::kUsage)
      ask_for_lesson(*project, result.id);
    return code;
  }
  std::vector<char*> arguments = {const_cast<char*>(program.c_str())};
  arguments.insert(arguments.end(), argv, argv + argc);
  arguments.push_back(nullptr);
  ::execv(program.c_str(), arguments.data());
  system::fail_errno(system::Code::kNotFound,
                     program + " (it is built with LibTorch; run `make build`)");
}

}  // namespace reconproof::cli
