// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/rehearse/code.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <set>

#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using submission::Project;

namespace {

/// What stands between the quotes of "... 'NAME'"; empty where there are none.
std::string quoted_part(const std::string& text) {
  const size_t begin = text.find('\''), end = text.rfind('\'');
  return begin == std::string::npos || end <= begin ? "" : text.substr(begin + 1, end - begin - 1);
}

/// A declared data folder, or a place in one: in a script beside the README that is an argument.
bool is_data(const Project& team, const std::string& text) {
  const fs::path path = fs::path(quoted_part(text)).lexically_normal();
  return std::ranges::any_of(
      std::array{team.train, team.val, team.leaderboard}, [&](const std::string& data) {
        return !data.empty() &&
               system::is_below(path, (fs::path(data) / "").lexically_normal().parent_path());
      });
}

bool is_declared(const Project& team, const std::string& variable) {
  const auto sets = [&](const submission::Step& step) { return step.env.contains(variable); };
  return std::ranges::any_of(team.train_steps, sets) ||
         (team.reconstruct_step && sets(*team.reconstruct_step));
}

std::optional<RehearsalFault> setting_fault(const Project& team, const std::string& what,
                                            RehearsalFault fault) {
  const std::string name = quoted_part(what);
  if (name.empty() || is_declared(team, name)) return std::nullopt;
  fault.kind = "hidden-setting";
  fault.message =
      fmt::format("reads the environment variable {}, which no declared step sets", name);
  fault.remedy =
      "make it an option of the script with the value that you used, or write it into the README's "
      "command and [steps.*.env]";
  if (const char* value = std::getenv(name.c_str())) {
    fault.gravity = Gravity::kBroken;
    fault.message += fmt::format("; here it is set to '{}'", system::excerpt(value, 80));
  }
  return fault;
}

std::optional<RehearsalFault> fault_of(const Project& team, const checks::CodeFinding& found) {
  RehearsalFault fault;
  fault.kind = found.kind;
  fault.gravity = Gravity::kWarning;
  fault.where = fmt::format("{}:{}", found.file, found.line);
  if (found.kind == "absolute-path") {
    fault.message = fmt::format("names {}, which only your machine has", found.what);
    fault.remedy = "name it relative to the repository, or take it as an option of the script";
  } else if (found.kind == "environment") {
    return setting_fault(team, found.what, std::move(fault));
  } else if (found.kind == "leaderboard") {
    fault.message = fmt::format("names the leaderboard: {}", found.what);
    fault.remedy =
        "the training must run where there is none; remove it from what training reaches";
  } else if (found.kind == "download") {
    fault.kind = "network";
    fault.message = fmt::format("reaches into the network: {}", found.what);
    fault.remedy = "hand in what it fetches; runs have no network";
  } else {
    return std::nullopt;  // of the rule code.scan alone
  }
  return fault;
}

}  // namespace

std::string rehearse_code(const Project& team, const Project& clone,
                          const std::vector<checks::ReachedFile>& reached, RehearsalStep& step) {
  const checks::CodeScan scan = checks::scan_code(clone);
  std::string leaderboard_at;
  for (const checks::CodeFinding& found : scan.findings) {
    if (found.kind == "leaderboard") leaderboard_at = fmt::format("{}:{}", found.file, found.line);
    const bool shell = found.file.ends_with(".sh");
    if (shell ? is_data(team, found.what)
              : std::ranges::find(reached, found.file, &checks::ReachedFile::file) == reached.end())
      continue;
    if (auto fault = fault_of(team, found)) step.faults.push_back(std::move(*fault));
  }
  step.message = fmt::format("read {} files of code, of which the commands reach {}", scan.files,
                             reached.size());
  return leaderboard_at;
}

}  // namespace reconproof::workflows
